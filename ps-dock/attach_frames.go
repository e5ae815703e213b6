package main

import (
	wire "encoding/binary"
	"errors"
	"io"
)

// Frames between ps-dock and dcdget's own clients: a letter, a length of four
// bytes, and so many bytes; README.md has their meanings. Numbers are big-endian.
const (
	frameHello  = 'h'
	frameAck    = 'a'
	framePing   = 'p'
	frameOut    = 'o'
	frameError  = 'e'
	frameExit   = 'x'
	frameInput  = 'i'
	frameEnd    = 'z'
	frameWindow = 'w'
	frameSignal = 's'

	frameHeadBytes = 5
	maxFrameBytes  = 64 << 10
)

var errBadFrame = errors.New("the client sent what is no frame")

func encodeFrame(kind byte, parts ...[]byte) []byte {
	length := 0
	for _, part := range parts {
		length += len(part)
	}
	encoded := make([]byte, frameHeadBytes, frameHeadBytes+length)
	encoded[0] = kind
	wire.BigEndian.PutUint32(encoded[1:], uint32(length))
	for _, part := range parts {
		encoded = append(encoded, part...)
	}
	return encoded
}

func number64(number uint64) []byte { return wire.BigEndian.AppendUint64(nil, number) }

func receiveFrame(reader io.Reader) (kind byte, content []byte, err error) {
	var head [frameHeadBytes]byte
	if _, err := io.ReadFull(reader, head[:]); err != nil {
		return 0, nil, err
	}
	length := wire.BigEndian.Uint32(head[1:])
	if length > maxFrameBytes {
		return 0, nil, errBadFrame
	}
	content = make([]byte, length)
	_, err = io.ReadFull(reader, content)
	return head[0], content, err
}
