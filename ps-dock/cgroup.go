package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const cgroupRoot = "/sys/fs/cgroup"

// Sample is what the container takes at one moment. A figure that neither the
// container's control groups nor its processes tell is left out.
type Sample struct {
	MemoryBytes *int64   `json:"memoryBytes,omitempty"`
	CPUSeconds  *float64 `json:"cpuSeconds,omitempty"`
	PIDs        *int64   `json:"pids,omitempty"`
}

// Cgroups are the folders of the container's control groups, by controller. Of
// version 2 there is one for all.
type Cgroups struct {
	folders   map[string]string
	isUnified bool
}

func openCgroups() Cgroups {
	text, _ := os.ReadFile("/proc/self/cgroup")
	return cgroupsOf(cgroupRoot, string(text))
}

// Rows of /proc/self/cgroup are ID:CONTROLLERS:PATH; version 2 names none. The
// path is that inside the container, where its own control groups are mounted.
func cgroupsOf(root, rows string) Cgroups {
	groups := Cgroups{folders: map[string]string{}}
	_, err := os.Stat(filepath.Join(root, "cgroup.controllers"))
	groups.isUnified = err == nil
	for _, row := range strings.Split(strings.TrimSpace(rows), "\n") {
		fields := strings.SplitN(row, ":", 3)
		if len(fields) != 3 {
			continue
		}
		for _, controller := range strings.Split(fields[1], ",") {
			folder := filepath.Join(root, controller, fields[2])
			if _, err := os.Stat(folder); err == nil && (controller == "") == groups.isUnified {
				groups.folders[controller] = folder
			}
		}
	}
	return groups
}

func (c Cgroups) read(controller, file string) []byte {
	if c.isUnified {
		controller = ""
	}
	folder, isKnown := c.folders[controller]
	if !isKnown {
		return nil
	}
	text, _ := os.ReadFile(filepath.Join(folder, file))
	return text
}

func (c Cgroups) sample() Sample {
	if c.isUnified {
		return Sample{
			MemoryBytes: less(number(c.read("", "memory.current")), field(c.read("", "memory.stat"), "inactive_file")),
			CPUSeconds:  seconds(field(c.read("", "cpu.stat"), "usage_usec"), 1e6),
			PIDs:        number(c.read("", "pids.current")),
		}
	}
	return Sample{
		MemoryBytes: less(number(c.read("memory", "memory.usage_in_bytes")), field(c.read("memory", "memory.stat"), "total_inactive_file")),
		CPUSeconds:  seconds(number(c.read("cpuacct", "cpuacct.usage")), 1e9),
		PIDs:        number(c.read("pids", "pids.current")),
	}
}

// oomKills counts the processes that the kernel killed for want of memory.
func (c Cgroups) oomKills() int64 {
	file := "memory.oom_control"
	if c.isUnified {
		file = "memory.events"
	}
	if kills := field(c.read("memory", file), "oom_kill"); kills != nil {
		return *kills
	}
	return 0
}

func number(text []byte) *int64 {
	value, err := strconv.ParseInt(string(bytes.TrimSpace(text)), 10, 64)
	if err != nil {
		return nil
	}
	return &value
}

// field finds NAME VALUE among the rows.
func field(rows []byte, name string) *int64 {
	for _, row := range bytes.Split(rows, []byte{'\n'}) {
		if key, value, _ := bytes.Cut(row, []byte{' '}); string(key) == name {
			return number(value)
		}
	}
	return nil
}

// less leaves out what the kernel would give back at once: files read long ago.
func less(all, some *int64) *int64 {
	if all == nil || some == nil || *some > *all {
		return all
	}
	rest := *all - *some
	return &rest
}

func seconds(count *int64, each float64) *float64 {
	if count == nil {
		return nil
	}
	value := float64(*count) / each
	return &value
}
