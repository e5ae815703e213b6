package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

var forwardedSignals = []os.Signal{
	syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2,
	syscall.SIGALRM, syscall.SIGTERM, syscall.SIGCONT, syscall.SIGWINCH,
	syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU, syscall.SIGPWR,
}

// Signals are what reaches ps-dock from outside, and apart from it, so that
// neither can crowd out the other, the news that some child ended.
type Signals struct {
	forwarded   chan os.Signal
	childrenEnd chan os.Signal
}

// receiveSignals also undoes what was inherited as ignored: a signal with a
// handler goes back to its default in the command.
func receiveSignals() Signals {
	signals := Signals{make(chan os.Signal, 64), make(chan os.Signal, 1)}
	signal.Notify(signals.forwarded, forwardedSignals...)
	signal.Notify(signals.childrenEnd, syscall.SIGCHLD)
	return signals
}

func asSentOn(received os.Signal) syscall.Signal {
	if received == syscall.SIGPWR {
		return syscall.SIGTERM
	}
	return received.(syscall.Signal)
}

func isStop(signal syscall.Signal) bool { return signal == syscall.SIGTERM || signal == syscall.SIGINT }

var signalNames = map[syscall.Signal]string{
	syscall.SIGHUP: "SIGHUP", syscall.SIGINT: "SIGINT", syscall.SIGQUIT: "SIGQUIT",
	syscall.SIGILL: "SIGILL", syscall.SIGTRAP: "SIGTRAP", syscall.SIGABRT: "SIGABRT",
	syscall.SIGBUS: "SIGBUS", syscall.SIGFPE: "SIGFPE", syscall.SIGKILL: "SIGKILL",
	syscall.SIGUSR1: "SIGUSR1", syscall.SIGSEGV: "SIGSEGV", syscall.SIGUSR2: "SIGUSR2",
	syscall.SIGPIPE: "SIGPIPE", syscall.SIGALRM: "SIGALRM", syscall.SIGTERM: "SIGTERM",
	syscall.SIGXCPU: "SIGXCPU", syscall.SIGXFSZ: "SIGXFSZ", syscall.SIGVTALRM: "SIGVTALRM",
	syscall.SIGPROF: "SIGPROF", syscall.SIGIO: "SIGIO", syscall.SIGPWR: "SIGPWR", syscall.SIGSYS: "SIGSYS",
}

func signalName(number syscall.Signal) string {
	if name, isKnown := signalNames[number]; isKnown {
		return name
	}
	return fmt.Sprintf("SIG%d", int(number))
}
