package main

import (
	"syscall"
	"time"
)

const (
	hangUpGrace     = 3 * time.Second // from HUP to TERM; KILL comes stopGraceMs later
	stoppedPatience = 2 * time.Second // for the last words of a session that was told to stop
)

// SessionEvents are what a session tells its supervisor; none, ever, without one.
type SessionEvents struct {
	hangUps <-chan string
	signals <-chan syscall.Signal
	termAt  <-chan time.Time
	isOver  bool // it was hung up, or told to stop
}

func (s *Supervisor) openOutput() (err error) {
	if s.instance.Attach == nil {
		s.output, err = openOutput(s.instance.User)
		return err
	}
	if s.session, err = openSession(*s.instance.Attach, s.instance.CAFile, s.instance.User); err != nil {
		return err
	}
	s.sessionEvents = SessionEvents{hangUps: s.session.hangUps, signals: s.session.signals}
	s.output = &Output{written: s.session.terminal.child, ended: make(chan struct{})}
	close(s.output.ended)
	return nil
}

func (s *Supervisor) followOutput() {
	if s.session != nil {
		s.session.follow()
	} else {
		s.output.follow(s.log, s.hub)
	}
}

// hangUp ends a command that nobody is there for.
func (s *Supervisor) hangUp(reason string) {
	s.tell("hung up: %s", reason)
	s.tellSession("is hung up: " + reason)
	s.signalGroup(syscall.SIGHUP)
	s.signalGroup(syscall.SIGCONT)
	s.sessionEvents.termAt = time.After(hangUpGrace)
}

// tellSession says once, to whoever holds the terminal, why the command ends.
func (s *Supervisor) tellSession(what string) {
	if s.session == nil || s.sessionEvents.isOver {
		return
	}
	s.sessionEvents.isOver = true
	s.session.tell(s.instance.process() + " " + what)
}

// refuseSession lets whoever came know why nothing was started.
func (s *Supervisor) refuseSession(err error) {
	if s.session == nil {
		return
	}
	s.session.tell(s.instance.process() + ": " + err.Error())
	s.session.follow()
	s.endSession(&Ending{exitCode: exitNotStarted})
}

func (s *Supervisor) endSession(ending *Ending) {
	if s.session == nil {
		return
	}
	patience := s.session.patience()
	if s.sessionEvents.isOver {
		patience = stoppedPatience
	}
	stopped := make(chan struct{})
	go func() {
		for signal := range s.signals.forwarded {
			if asSentOn(signal) == syscall.SIGTERM {
				close(stopped)
				return
			}
		}
	}()
	s.session.finish(ending.exitCode, patience, stopped)
}
