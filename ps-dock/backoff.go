package main

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	backOffFirst = 200 * time.Millisecond
	backOffLast  = 30 * time.Second
)

// BackOff is the pause before the next try: twice as long each time, and
// somewhere in its second half, so that a thousand senders do not come at once.
type BackOff struct{ next time.Duration }

func newBackOff() *BackOff { return &BackOff{backOffFirst} }

func (b *BackOff) reset() { b.next = backOffFirst }

func (b *BackOff) pause() time.Duration {
	pause := b.next/2 + rand.N(b.next/2)
	b.next = min(2*b.next, backOffLast)
	return pause
}

// wait returns early when the end has come, and false when all is over. Towards
// the end a pause is short: little time is left for another try.
func (b *BackOff) wait(ending, over context.Context) bool {
	if ending.Err() != nil {
		return pauseFor(min(b.pause(), backOffFirst), over)
	}
	select {
	case <-time.After(b.pause()):
	case <-ending.Done():
	}
	return over.Err() == nil
}

func pauseFor(pause time.Duration, over context.Context) bool {
	select {
	case <-time.After(pause):
		return true
	case <-over.Done():
		return false
	}
}
