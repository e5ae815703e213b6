package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// Instance is what ps-dock is told about the process it runs. README.md
// documents the fields and their defaults.
type Instance struct {
	Name            string   `json:"instance"`
	App             string   `json:"app"`
	Release         int      `json:"release"`
	Command         string   `json:"command"`
	Program         []string `json:"program"`
	Directory       string   `json:"directory"`
	User            *User    `json:"user"`
	LogFile         string   `json:"logFile"`
	LogMaxBytes     int64    `json:"logMaxBytes"`
	LogKeep         int      `json:"logKeep"`
	LogMaxAge       int      `json:"logMaxAgeSeconds"`
	LogBudgetBytes  int64    `json:"logBudgetBytes"`
	StateFile       string   `json:"stateFile"`
	EnvironmentFile string   `json:"environmentFile"`
	Port            int      `json:"port"`
	StopGraceMs     int      `json:"stopGraceMs"`

	ID            string       `json:"instanceId"`
	CAFile        string       `json:"caFile"`
	Hub           *HubAddress  `json:"hub"`
	Hook          *HookAddress `json:"hook"`
	SampleSeconds int          `json:"sampleSeconds"`
	Attach        *Attach      `json:"attach"`
}

// User is whom the command runs as; without one it keeps ps-dock's own.
type User struct {
	UID uint32 `json:"uid"`
	GID uint32 `json:"gid"`
}

// The name is part of every log line.
var instanceName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,128}$`)

var token = regexp.MustCompile(`^[A-Za-z0-9._~+/=-]{1,512}$`)

func readInstance(path string) (Instance, error) {
	instance := Instance{Directory: "/app", LogMaxBytes: 10 << 20, LogKeep: 5, StopGraceMs: 10_000, CAFile: "/.dcdget/ca.pem"}
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
	case i.LogMaxBytes < 0 || i.LogKeep < 0 || i.LogMaxAge < 0 || i.LogBudgetBytes < 0:
		return errors.New("logMaxBytes, logKeep, logMaxAgeSeconds and logBudgetBytes cannot be negative")
	case i.StopGraceMs < 0 || i.SampleSeconds < 0:
		return errors.New("stopGraceMs and sampleSeconds cannot be negative")
	}
	if err := i.checkPeers(); err != nil {
		return err
	}
	if i.Attach != nil {
		if err := i.Attach.check(); err != nil {
			return err
		}
	}
	return i.checkPaths()
}

// The id and the token are part of what is sent, in quotes.
func (i Instance) checkPeers() error {
	switch {
	case (i.Hub != nil || i.Hook != nil) && !instanceName.MatchString(i.ID):
		return fmt.Errorf("instanceId %q is not a name of letters, digits, '.', '_' and '-'", i.ID)
	case i.Hub != nil && !token.MatchString(i.Hub.Token):
		return errors.New("the token of hub is not one of letters, digits and ._~+/=-")
	case i.Hook != nil && i.Hook.Token == "":
		return errors.New("the token of hook is missing")
	}
	return nil
}

func (i Instance) checkPaths() error {
	for name, path := range map[string]string{
		"directory": i.Directory, "logFile": i.LogFile,
		"stateFile": i.StateFile, "environmentFile": i.EnvironmentFile, "caFile": i.CAFile,
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

func (i Instance) logMaxAge() time.Duration { return time.Duration(i.LogMaxAge) * time.Second }

func (i Instance) hostname() string {
	if i.App == "" {
		return "-"
	}
	return i.App
}

func (i Instance) process() string { return processOf(i.ID) }

// processOf is the part of an instance's id that names it among those of its
// app, web.1; nothing where there is no instance.
func processOf(id string) string {
	parts := strings.Split(id, ".")
	if len(parts) < 3 {
		return ""
	}
	return parts[1] + "." + parts[2]
}
