package main

import (
	"context"
	"sync/atomic"
	"time"
)

// At the end what is left has a short time to arrive, since the next start waits
// for it; shorter where nothing has arrived lately.
const (
	partingLimit     = time.Second
	partingLimitAway = 250 * time.Millisecond
)

func partingTime(isAway *atomic.Bool) time.Duration {
	if isAway.Load() {
		return partingLimitAway
	}
	return partingLimit
}

// Lifetime is that of a sender: first no more comes, then nothing is worth
// waiting for any more.
type Lifetime struct {
	ending, over context.Context
	end, giveUp  context.CancelFunc
	done         chan struct{} // closed by the sender when it has ended
}

func newLifetime() Lifetime {
	l := Lifetime{done: make(chan struct{})}
	l.ending, l.end = context.WithCancel(context.Background())
	l.over, l.giveUp = context.WithCancel(context.Background())
	return l
}

// close returns when the sender has sent everything, and shortly after the given
// time if it has not.
func (l *Lifetime) close(limit time.Duration) {
	l.end()
	select {
	case <-l.done:
	case <-time.After(limit):
		l.giveUp()
		<-l.done
	}
}
