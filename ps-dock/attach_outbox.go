package main

import "sync"

const outboxBytes = 1 << 20

// Outbox holds what is to be sent, in the pieces in which it was said, and, when
// it keeps, what was sent until the other side has told that it came. When it is
// full the command waits, as it would for any slow terminal.
type Outbox struct {
	mutex       sync.Mutex
	changed     sync.Cond
	keeps       bool
	pieces      [][]byte
	heldBytes   int
	startsAt    uint64 // number of the first byte that is held
	sent        int    // of the pieces
	connection  int    // the one that is served
	isComplete  bool   // nothing is added any more
	isAbandoned bool   // nobody will ever take it
}

func newOutbox(keeps bool) *Outbox {
	outbox := &Outbox{keeps: keeps}
	outbox.changed.L = &outbox.mutex
	return outbox
}

// add takes the piece over.
func (o *Outbox) add(piece []byte) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	for o.heldBytes >= outboxBytes && !o.isAbandoned {
		o.changed.Wait()
	}
	o.put(piece)
}

// addAnyway takes the piece over at once, full or not.
func (o *Outbox) addAnyway(piece []byte) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.put(piece)
}

func (o *Outbox) put(piece []byte) {
	if !o.isAbandoned {
		o.pieces = append(o.pieces, piece)
		o.heldBytes += len(piece)
		o.changed.Broadcast()
	}
}

// resume begins to serve a new connection whose other side has had so many
// bytes; what is gone already it will not have. It returns the number of the
// next byte and of the connection, for take.
func (o *Outbox) resume(received uint64) (next uint64, connection int) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.drop(received)
	o.sent = 0
	o.connection++
	o.changed.Broadcast()
	return o.startsAt, o.connection
}

// take waits for the next piece; false when there is none for this connection any more.
func (o *Outbox) take(connection int) ([]byte, bool) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	for o.sent == len(o.pieces) && !o.isComplete && !o.isAbandoned && o.connection == connection {
		o.changed.Wait()
	}
	if o.sent == len(o.pieces) || o.isAbandoned || o.connection != connection {
		return nil, false
	}
	piece := o.pieces[o.sent]
	o.sent++
	return piece, true
}

// acknowledge lets go of what the other side has.
func (o *Outbox) acknowledge(received uint64) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.drop(received)
	o.changed.Broadcast()
}

// wrote tells that the pieces that were taken have gone out.
func (o *Outbox) wrote() {
	if !o.keeps {
		o.acknowledge(o.startsAt + uint64(o.sentBytes()))
	}
}

func (o *Outbox) sentBytes() int {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	bytes := 0
	for _, piece := range o.pieces[:o.sent] {
		bytes += len(piece)
	}
	return bytes
}

func (o *Outbox) drop(received uint64) {
	for len(o.pieces) > 0 && o.startsAt+uint64(len(o.pieces[0])) <= received {
		o.startsAt += uint64(len(o.pieces[0]))
		o.heldBytes -= len(o.pieces[0])
		o.pieces[0] = nil
		o.pieces = o.pieces[1:]
		o.sent = max(0, o.sent-1)
	}
}

// hangUp ends the service of the present connection.
func (o *Outbox) hangUp() {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.connection++
	o.changed.Broadcast()
}

func (o *Outbox) complete() {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.isComplete = true
	o.changed.Broadcast()
}

// abandon drops all there is and all that comes.
func (o *Outbox) abandon() {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.isAbandoned = true
	o.changed.Broadcast()
}

// awaitEmpty waits until everything has gone, or nobody wants it.
func (o *Outbox) awaitEmpty() {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	for len(o.pieces) > 0 && !o.isAbandoned {
		o.changed.Wait()
	}
}
