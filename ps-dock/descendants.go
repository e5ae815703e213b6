package main

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// signalDescendants sends a signal to everything ps-dock started, directly or
// not. As PID 1 that is everything there is, and one call reaches it all;
// elsewhere a process that forks meanwhile may be missed: callers repeat.
func signalDescendants(signal syscall.Signal) {
	if os.Getpid() == 1 {
		syscall.Kill(-1, signal)
		return
	}
	for _, pid := range descendants(os.Getpid()) {
		syscall.Kill(pid, signal)
	}
}

func descendants(ancestor int) []int {
	children := childrenByParent()
	var found []int
	for waiting := children[ancestor]; len(waiting) > 0; waiting = waiting[1:] {
		found = append(found, waiting[0])
		waiting = append(waiting, children[waiting[0]]...)
	}
	return found
}

func childrenByParent() map[int][]int {
	children := map[int][]int{}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return children
	}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		if parent, isAlive := parentOf(pid); isAlive {
			children[parent] = append(children[parent], pid)
		}
	}
	return children
}

// The name in /proc/PID/stat is in parentheses and may hold some itself.
func parentOf(pid int) (parent int, isAlive bool) {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, false
	}
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 2 {
		return 0, false
	}
	parent, err = strconv.Atoi(string(fields[1]))
	return parent, err == nil
}
