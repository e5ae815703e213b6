package main

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"
	"syscall"
	"time"
)

const (
	lastOutputWait    = 50 * time.Millisecond // for the last lines to be in the log before the state says it ended
	outputDeadline    = 500 * time.Millisecond
	stateRetry        = 500 * time.Millisecond
	leftoverGrace     = time.Second
	leftoverKillWait  = 500 * time.Millisecond
	leftoverKillAgain = 20 * time.Millisecond
)

// Supervisor stands by one command from its start to the end of everything it
// left behind. All of it happens on one goroutine.
type Supervisor struct {
	instance Instance
	signals  Signals
	log      *LogFile
	hub      *Hub  // nil where there is none
	hook     *Hook // likewise
	cgroups  Cgroups
	output   *Output
	state    State
	pid      int

	startedAt   time.Time
	stopBefore  time.Time        // zero until told to stop
	graceOver   <-chan time.Time // the app did not stop by itself
	listenProbe <-chan time.Time
	publishAt   time.Time // not before, for mere changes of what listens
	stateRetry  <-chan time.Time
	sampleTick  <-chan time.Time
	ageTick     <-chan time.Time
	oomKills    int64 // before the start

	session       *Session // nil but for a one-off session
	sessionEvents SessionEvents
}

func newSupervisor(instance Instance, signals Signals) *Supervisor {
	s := &Supervisor{instance: instance, signals: signals, log: newLogFile(instance), state: newState()}
	if instance.Hub != nil || instance.Hook != nil {
		s.connect(newRunID())
	}
	return s
}

func (s *Supervisor) connect(run string) {
	instance := s.instance
	if instance.Hub != nil {
		sender := Sender{"instance", instance.ID, run}
		s.hub = newHub(*instance.Hub, instance.CAFile, sender, Frames{app: instance.hostname(), process: instance.process()}, s.log.remark)
	}
	if instance.Hook != nil {
		s.hook = newHook(*instance.Hook, instance.CAFile, run, s.log.remark)
	}
}

// newRunID is another one at each start of the instance.
func newRunID() string {
	var random [12]byte
	rand.Read(random[:])
	return hex.EncodeToString(random[:])
}

func (s *Supervisor) run() int {
	defer s.log.close()
	s.cgroups = openCgroups()
	s.oomKills = s.cgroups.oomKills()
	s.publish()
	s.report()
	if err := s.start(); err != nil {
		s.tell("%v", err)
		s.state.notStarted(err)
		s.publish()
		s.report()
		s.refuseSession(err)
		s.partFromPeers()
		return refuse(exitNotStarted, err)
	}
	ending := s.watch()
	s.reportEnd(ending)
	s.clear()
	s.output.finish(outputDeadline)
	s.endSession(ending)
	if s.stateRetry != nil {
		s.publish()
	}
	s.partFromPeers()
	return ending.exitCode
}

// partFromPeers gives the last lines and the last state a short time to arrive.
func (s *Supervisor) partFromPeers() {
	var parted sync.WaitGroup
	parted.Add(2)
	go func() { defer parted.Done(); s.hub.close() }()
	go func() { defer parted.Done(); s.hook.close() }()
	parted.Wait()
}

// tell puts words of ps-dock into the log and on their way to the hub.
func (s *Supervisor) tell(format string, values ...any) {
	s.log.remark(format, values...)
	s.hub.add(kindOwn, time.Now(), []byte(oneLine(fmt.Sprintf(format, values...))))
	s.hub.send()
}

// report tells the state to the hook, beside the state file.
func (s *Supervisor) report() {
	if s.hook != nil {
		event := s.state.event()
		event.Samples = s.cgroups.sample()
		s.hook.add(event)
	}
}

func (s *Supervisor) reportSample() {
	event := s.state.event()
	event.At, event.Samples, event.isSample = stampNow(), s.cgroups.sample(), true
	s.hook.add(event)
}

func (s *Supervisor) start() error {
	environment, err := readEnvironment(s.instance.EnvironmentFile)
	if err != nil {
		return err
	}
	if err = s.openOutput(); err != nil {
		return err
	}
	if s.pid, err = startProcess(s.instance, environment, s.output.written); err != nil {
		return err
	}
	keepThreads()
	s.startedAt = time.Now()
	s.followOutput()
	s.state.started(s.pid)
	s.tell("Starting process with command `%s`", oneLine(s.instance.Command))
	s.beginTicking()
	s.awaitUp()
	return nil
}

func (s *Supervisor) beginTicking() {
	if s.hook != nil && s.instance.SampleSeconds > 0 {
		s.sampleTick = time.Tick(time.Duration(s.instance.SampleSeconds) * time.Second)
	}
	if maxAge := s.instance.logMaxAge(); maxAge > 0 {
		s.ageTick = time.Tick(ageLookEvery(maxAge))
	}
}

func (s *Supervisor) awaitUp() {
	if s.instance.Port == 0 {
		s.reportUp()
		return
	}
	s.publish()
	s.listenProbe = time.After(listenProbeFirst)
}

// watch returns when the command has ended.
func (s *Supervisor) watch() *Ending {
	for {
		select {
		case signal := <-s.signals.forwarded:
			s.forward(asSentOn(signal))
		case <-s.signals.childrenEnd:
			if ending, _ := reap(s.pid); ending != nil {
				return ending
			}
		case <-s.graceOver:
			s.killAll()
		case <-s.listenProbe:
			s.probeListening()
		case <-s.stateRetry:
			s.publish()
		case <-s.sampleTick:
			s.reportSample()
		case <-s.ageTick:
			s.log.rotateIfOld()
		case reason := <-s.sessionEvents.hangUps:
			s.hangUp(reason)
		case <-s.sessionEvents.termAt:
			s.forward(syscall.SIGTERM)
		case signal := <-s.sessionEvents.signals:
			s.signalGroup(signal)
		}
	}
}

func (s *Supervisor) forward(signal syscall.Signal) {
	if signal == syscall.SIGTERM && s.session != nil {
		s.tellSession("was told to stop")
		s.signalGroup(syscall.SIGHUP) // a shell at a terminal does not heed TERM
	}
	s.signalGroup(signal)
	if signal == syscall.SIGTERM && !s.isStopping() {
		s.stopBefore = time.Now().Add(s.instance.stopGrace())
		s.graceOver = time.After(s.instance.stopGrace())
		s.tell("Stopping all processes with SIGTERM")
	}
}

func (s *Supervisor) killAll() {
	s.signalGroup(syscall.SIGKILL)
	signalDescendants(syscall.SIGKILL)
	s.tell("Process did not stop within %d ms: stopped with SIGKILL", s.instance.StopGraceMs)
}

// signalGroup reports whether the process group has a member.
func (s *Supervisor) signalGroup(signal syscall.Signal) bool {
	return syscall.Kill(-s.pid, signal) == nil
}

func (s *Supervisor) probeListening() {
	addresses := listeningAddresses()
	listening := asStrings(addresses)
	isChanged := !slices.Equal(listening, s.state.Listening)
	elapsed := time.Since(s.startedAt)
	s.listenProbe = nil
	switch {
	case isBound(s.instance.Port, addresses):
		s.state.Listening = listening
		s.reportUp()
		return
	case isChanged && time.Now().After(s.publishAt):
		s.state.Listening = listening
		s.publishAt = time.Now().Add(listenPublishEvery)
		s.publish()
	}
	if elapsed < listenProbeFor {
		s.listenProbe = time.After(nextListenProbe(elapsed))
	}
}

func (s *Supervisor) reportUp() {
	s.state.up(s.instance.Port)
	s.publish()
	s.report()
	s.tell("State changed from %s to %s", stateStarting, stateUp)
}

// reportEnd lets the command's last lines into the log first: who is told of a
// crash looks there for the reason.
func (s *Supervisor) reportEnd(ending *Ending) {
	select {
	case <-s.output.ended:
	case <-time.After(lastOutputWait):
	}
	before := s.state.State
	isOutOfMemory := s.cgroups.oomKills() > s.oomKills
	s.state.ended(ending, s.isStopping(), isOutOfMemory)
	if isOutOfMemory {
		s.tell("Memory quota exceeded: the kernel killed a process")
	}
	s.tell("Process exited with status %d%s", ending.exitCode, bySignal(ending.signal))
	s.tell("State changed from %s to %s", before, s.state.State)
	s.publish()
	s.report()
}

func bySignal(name string) string {
	if name == "" {
		return ""
	}
	return " (" + name + ")"
}

func (s *Supervisor) publish() {
	isRetry := s.stateRetry != nil
	s.stateRetry = nil
	if err := s.state.write(s.instance.StateFile); err != nil {
		s.stateRetry = time.After(stateRetry)
		if !isRetry {
			s.log.remark("state not written: %v", err)
		}
	}
}

// clear ends what the command left behind. In an orderly stop the process group
// keeps the time it was given; after that, and after a stop that took too long,
// nothing is asked any more.
func (s *Supervisor) clear() {
	if s.isStopping() && s.awaitLeftovers(time.Until(s.stopBefore), s.isGroupGone) {
		return
	}
	if !s.isStopping() || time.Now().Before(s.stopBefore) {
		signalDescendants(syscall.SIGTERM)
		if s.awaitLeftovers(leftoverGrace, nil) {
			return
		}
	}
	s.killLeftovers()
}

func (s *Supervisor) killLeftovers() {
	for deadline := time.Now().Add(leftoverKillWait); time.Now().Before(deadline); {
		signalDescendants(syscall.SIGKILL)
		if s.awaitLeftovers(leftoverKillAgain, nil) {
			return
		}
	}
}

func (s *Supervisor) isStopping() bool { return !s.stopBefore.IsZero() }

func (s *Supervisor) isGroupGone() bool { return !s.signalGroup(0) }

// awaitLeftovers collects what ends within the time, or until isEnough, and
// reports whether nothing is left.
func (s *Supervisor) awaitLeftovers(limit time.Duration, isEnough func() bool) bool {
	over := time.After(limit)
	for {
		if _, isAnyLeft := reap(s.pid); !isAnyLeft {
			return true
		}
		if isEnough != nil && isEnough() {
			return false
		}
		select {
		case signal := <-s.signals.forwarded:
			s.signalGroup(asSentOn(signal))
		case <-s.signals.childrenEnd:
		case <-over:
			return false
		}
	}
}
