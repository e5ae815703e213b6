package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

// Instance is what ps-dock is told about the process it runs. README.md
// documents the fields and their defaults.
type Instance struct {
	Name            string `json:"instance"`
	App             string `json:"app"`
	Release         int    `json:"release"`
	Command         string `json:"command"`
	Directory       string `json:"directory"`
	User            *User  `json:"user"`
	LogFile         string `json:"logFile"`
	LogMaxBytes     int64  `json:"logMaxBytes"`
	LogKeep         int    `json:"logKeep"`
	StateFile       string `json:"stateFile"`
	EnvironmentFile string `json:"environmentFile"`
	Port            int    `json:"port"`
	StopGraceMs     int    `json:"stopGraceMs"`
}

// User is whom the command runs as; without one it keeps ps-dock's own.
type User struct {
	UID uint32 `json:"uid"`
	GID uint32 `json:"gid"`
}

// The name is part of every log line.
var instanceName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,128}$`)

func readInstance(path string) (Instance, error) {
	instance := Instance{Directory: "/app", LogMaxBytes: 10 << 20, LogKeep: 5, StopGraceMs: 10_000}
	text, err := os.ReadFile(path)
	if err != nil {
		return instance, err
	}
	if err := json.Unmarshal(text, &instance); err != nil {
		return instance, fmt.Errorf("%s: %w", path, err)
	}
	if err := instance.check(); err != nil {
		return instance, fmt.Errorf("%s: %w", path, err)
	}
	return instance, nil
}

func (i Instance) check() error {
	switch {
	case !instanceName.MatchString(i.Name):
		return fmt.Errorf("instance %q is not a name of letters, digits, '.', '_' and '-'", i.Name)
	case i.Command == "":
		return errors.New("command is missing")
	case i.Port < 0 || i.Port > 65535:
		return fmt.Errorf("port %d is not between 0 and 65535", i.Port)
	case i.LogMaxBytes < 0 || i.LogKeep < 0 || i.StopGraceMs < 0:
		return errors.New("logMaxBytes, logKeep and stopGraceMs cannot be negative")
	}
	return i.checkPaths()
}

func (i Instance) checkPaths() error {
	for name, path := range map[string]string{
		"directory": i.Directory, "logFile": i.LogFile,
		"stateFile": i.StateFile, "environmentFile": i.EnvironmentFile,
	} {
		if !filepath.IsAbs(path) {
			return fmt.Errorf("%s is not an absolute path: %q", name, path)
		}
	}
	return nil
}

func (i Instance) stopGrace() time.Duration {
	return time.Duration(i.StopGraceMs) * time.Millisecond
}
