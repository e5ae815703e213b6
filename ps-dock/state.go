package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"time"
)

const (
	stateStarting = "starting"
	stateUp       = "up"
	stateExited   = "exited"  // with status 0, or because it was told to stop
	stateCrashed  = "crashed" // any other end, or no start at all
)

// State is the content of the state file. README.md documents it.
type State struct {
	State     string   `json:"state"`
	PID       *int     `json:"pid"`
	StartedAt *string  `json:"startedAt"`
	BoundPort *int     `json:"boundPort"`
	Listening []string `json:"listening"`
	ExitCode  *int     `json:"exitCode"`
	Signal    *string  `json:"signal"`
	Reason    *string  `json:"reason"`
	OOM       bool     `json:"oom"`
	At        string   `json:"at"`
}

func newState() State { return State{State: stateStarting, Listening: []string{}} }

func (s *State) started(pid int) {
	startedAt := stampNow()
	s.PID, s.StartedAt = &pid, &startedAt
}

// up has no port for an instance that needs none.
func (s *State) up(port int) {
	s.State = stateUp
	if port != 0 {
		s.BoundPort = &port
	}
}

// ended says of an app that ran out of memory what the kernel did to it.
func (s *State) ended(ending *Ending, wasToldToStop, isOutOfMemory bool) {
	s.State, s.OOM = stateCrashed, isOutOfMemory
	if wasToldToStop || ending.exitCode == 0 {
		s.State = stateExited
	}
	s.ExitCode = &ending.exitCode
	if ending.signal != "" {
		s.Signal = &ending.signal
	}
}

func (s *State) notStarted(reason error) {
	exitCode, words := exitNotStarted, reason.Error()
	s.State, s.ExitCode, s.Reason = stateCrashed, &exitCode, &words
}

func (s *State) event() Event {
	return Event{
		State: s.State, At: s.At, ExitCode: s.ExitCode, Signal: s.Signal, Reason: s.Reason, OOM: s.OOM, BoundPort: s.BoundPort,
	}
}

// write replaces the file in one rename: a reader sees the old state or the new.
func (s *State) write(path string) error {
	s.At = stampNow()
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	temporary := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".new")
	if err := os.WriteFile(temporary, append(text, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

func stampNow() string { return time.Now().UTC().Format(stampLayout) }
