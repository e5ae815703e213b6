package main

import (
	"os"
	"path/filepath"
	"testing"
)

func writeTree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755))
		must(t, os.WriteFile(filepath.Join(root, name), []byte(text), 0o644))
	}
	return root
}

func expectSample(t *testing.T, sample Sample, memoryBytes int64, cpuSeconds float64, pids int64) {
	t.Helper()
	if sample.MemoryBytes == nil || sample.CPUSeconds == nil || sample.PIDs == nil {
		t.Fatalf("figures are missing: %+v", sample)
	}
	if *sample.MemoryBytes != memoryBytes || *sample.CPUSeconds != cpuSeconds || *sample.PIDs != pids {
		t.Errorf("it is %d bytes, %v s, %d processes", *sample.MemoryBytes, *sample.CPUSeconds, *sample.PIDs)
	}
}

func TestSampleOfControlGroupsVersion2(t *testing.T) {
	root := writeTree(t, map[string]string{
		"cgroup.controllers": "cpu memory pids\n", "memory.current": "5000000\n", "memory.stat": "anon 1\ninactive_file 1000000\n",
		"cpu.stat": "usage_usec 2500000\nuser_usec 1\n", "pids.current": "7\n", "memory.events": "low 0\noom 3\noom_kill 2\n",
	})
	groups := cgroupsOf(root, "0::/\n")
	expectSample(t, groups.sample(), 4_000_000, 2.5, 7)
	if kills := groups.oomKills(); kills != 2 {
		t.Errorf("%d killed", kills)
	}
}

func TestSampleOfControlGroupsVersion1(t *testing.T) {
	root := writeTree(t, map[string]string{
		"memory/x/memory.usage_in_bytes": "5000000\n", "memory/x/memory.stat": "cache 1\ntotal_inactive_file 1000000\n",
		"memory/x/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
		"cpuacct/x/cpuacct.usage":     "2500000000\n", "pids/x/pids.current": "7\n",
	})
	groups := cgroupsOf(root, "5:memory:/x\n4:cpuacct:/x\n3:pids:/x\n0::/x\n")
	expectSample(t, groups.sample(), 4_000_000, 2.5, 7)
	if kills := groups.oomKills(); kills != 2 {
		t.Errorf("%d killed", kills)
	}
}

func TestSampleLeavesOutWhatIsNotThere(t *testing.T) {
	groups := cgroupsOf(t.TempDir(), "5:memory:/x\n")
	if sample := groups.sample(); sample.MemoryBytes != nil || sample.CPUSeconds != nil || sample.PIDs != nil || groups.oomKills() != 0 {
		t.Errorf("it is %+v", sample)
	}
}
