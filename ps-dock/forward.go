package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Forwarder is what ps-dock is told when it forwards a router's requests.
// README.md documents the fields.
type Forwarder struct {
	Server    string     `json:"server"`
	AccessLog string     `json:"accessLog"`
	CAFile    string     `json:"caFile"`
	Hub       HubAddress `json:"hub"`
}

func readForwarder(path string) (Forwarder, error) {
	forwarder := Forwarder{AccessLog: "/var/log/nginx/dcdget.log", CAFile: "/srv/dcdget/ca.pem"}
	text, err := os.ReadFile(path)
	if err != nil {
		return forwarder, err
	}
	if err := json.Unmarshal(text, &forwarder); err != nil {
		return forwarder, fmt.Errorf("%s: %w", path, err)
	}
	if err := forwarder.check(); err != nil {
		return forwarder, fmt.Errorf("%s: %w", path, err)
	}
	return forwarder, nil
}

func (f Forwarder) check() error {
	switch {
	case !instanceName.MatchString(f.Server):
		return fmt.Errorf("server %q is not a name of letters, digits, '.', '_' and '-'", f.Server)
	case !filepath.IsAbs(f.AccessLog) || !filepath.IsAbs(f.CAFile):
		return errors.New("accessLog and caFile must be absolute paths")
	case !token.MatchString(f.Hub.Token) || f.Hub.Address == "":
		return errors.New("hub has no address or no token")
	}
	return nil
}

// forward sends a line for each request of the router until it is told to stop.
func forward(path string, signals Signals) int {
	forwarder, err := readForwarder(path)
	if err != nil {
		return refuse(exitConfig, err)
	}
	sender := Sender{"server", forwarder.Server, newRunID()}
	hub := newHub(forwarder.Hub, forwarder.CAFile, sender, Frames{app: "-", process: "router"}, sayOnStderr)
	over, stop := context.WithCancel(context.Background())
	go func() {
		for signal := range signals.forwarded {
			if isStop(asSentOn(signal)) {
				stop()
			}
		}
	}()
	var line []byte
	tail := Tail{path: forwarder.AccessLog}
	tail.follow(over, func(text []byte) {
		if request, isOne := readRequest(text); isOne {
			line = request.appendLine(line[:0])
			hub.add(kindRouter, request.at, line)
		}
	}, hub.send)
	hub.close()
	return 0
}

func sayOnStderr(format string, values ...any) {
	fmt.Fprintf(os.Stderr, "ps-dock: "+format+"\n", values...)
}
