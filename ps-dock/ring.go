package main

import bits "encoding/binary"

// What a line is to the log hub.
const (
	kindLine   = byte(iota) // a line of the app
	kindPart                // a piece of one, which the next line goes on with
	kindOwn                 // ps-dock's own words
	kindRouter              // APP SP WORDS, of a router
)

const (
	ringBytes       = 1 << 20
	ringHeaderBytes = 4 + 1 + 8 + 8
	maxRecordInRing = maxLineBytes + ringHeaderBytes
)

// Line is one entry of a Ring. Numbers count from 1 without a hole.
type Line struct {
	number   uint64
	atMicros int64 // since 1970
	kind     byte
	text     []byte
}

// Ring keeps the youngest lines, sent or not, in a fixed amount of memory. A
// line that is pushed out before it was taken is lost and counted.
type Ring struct {
	bytes      [ringBytes]byte
	first, end uint64 // of all bytes that were ever added
	next       uint64 // of the first line that was not taken
	count      uint64 // number of the youngest line
	oldest     uint64 // number of the line at first
	nextNumber uint64 // number of the line at next
	lost       uint64
}

func newRing() *Ring { return &Ring{oldest: 1, nextNumber: 1} }

func (r *Ring) add(kind byte, atMicros int64, text []byte) {
	if len(text) > maxLineBytes {
		text = text[:maxLineBytes]
	}
	for r.end-r.first+uint64(ringHeaderBytes+len(text)) > ringBytes {
		r.forgetOldest()
	}
	r.count++
	var header [ringHeaderBytes]byte
	bits.LittleEndian.PutUint32(header[0:], uint32(len(text)))
	header[4] = kind
	bits.LittleEndian.PutUint64(header[5:], r.count)
	bits.LittleEndian.PutUint64(header[13:], uint64(atMicros))
	r.put(header[:])
	r.put(text)
}

func (r *Ring) put(some []byte) {
	at := r.end % ringBytes
	copied := copy(r.bytes[at:], some)
	copy(r.bytes[:], some[copied:])
	r.end += uint64(len(some))
}

func (r *Ring) copyOut(to []byte, from uint64) {
	copied := copy(to, r.bytes[from%ringBytes:])
	copy(to[copied:], r.bytes[:])
}

func (r *Ring) recordBytesAt(at uint64) uint64 {
	var length [4]byte
	r.copyOut(length[:], at)
	return ringHeaderBytes + uint64(bits.LittleEndian.Uint32(length[:]))
}

func (r *Ring) forgetOldest() {
	if r.next == r.first {
		r.takeOne()
		r.lost++
	}
	r.first += r.recordBytesAt(r.first)
	r.oldest++
}

func (r *Ring) takeOne() {
	r.next += r.recordBytesAt(r.next)
	r.nextNumber++
}

func (r *Ring) isAllTaken() bool { return r.next == r.end }

// take copies the next lines that fit into the buffer, which has room for the
// longest, and returns what eachLine reads.
func (r *Ring) take(buffer []byte) []byte {
	usedBytes := uint64(0)
	for r.next < r.end {
		recordBytes := r.recordBytesAt(r.next)
		if usedBytes+recordBytes > uint64(len(buffer)) {
			break
		}
		r.copyOut(buffer[usedBytes:usedBytes+recordBytes], r.next)
		usedBytes += recordBytes
		r.takeOne()
	}
	return buffer[:usedBytes]
}

// rewind has take go on after the line of the given number, or with the oldest
// that is left.
func (r *Ring) rewind(number uint64) {
	r.next, r.nextNumber = r.first, r.oldest
	for r.next < r.end && r.nextNumber <= number {
		r.takeOne()
	}
}

func eachLine(taken []byte, visit func(Line)) {
	for len(taken) > 0 {
		textEnd := ringHeaderBytes + bits.LittleEndian.Uint32(taken)
		visit(Line{
			number:   bits.LittleEndian.Uint64(taken[5:]),
			atMicros: int64(bits.LittleEndian.Uint64(taken[13:])),
			kind:     taken[4],
			text:     taken[ringHeaderBytes:textEnd],
		})
		taken = taken[textEnd:]
	}
}
