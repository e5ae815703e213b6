package main

import (
	"runtime"
	"sync"
)

// What may block in the kernel at once: the two streams and the supervisor on a
// slow disk, the two senders, and one more.
const spareThreads = 6

// keepThreads has the runtime make its threads now and keep them idle. An app
// that uses up the container's process limit would otherwise bring down ps-dock,
// which a refused thread ends.
func keepThreads() {
	var ready, released sync.WaitGroup
	ready.Add(spareThreads)
	released.Add(1)
	for range spareThreads {
		go func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			ready.Done()
			released.Wait()
		}()
	}
	ready.Wait()
	released.Done()
}
