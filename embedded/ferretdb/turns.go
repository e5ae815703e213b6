package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"log"
	"net"
	"sync"
	"time"
)

// FerretDB changes a document by reading it and writing it back whole: of two changes at once one
// is lost, and two conditional ones may both succeed. MongoDB does neither. So the changes of one
// collection pass one after the other; whatever only reads does not wait.

const (
	// A change that takes longer has lost its database: its caller is told by a broken connection.
	changeWithin = 60 * time.Second
	maxMessage   = 64 << 20
	headerBytes  = 16
	opMsg        = 2013
	moreToCome   = 1 << 1
)

var changing = map[string]bool{
	"insert": true, "update": true, "delete": true, "findAndModify": true, "findandmodify": true, "bulkWrite": true,
}

// turns holds a *sync.Mutex for each collection that was ever changed.
var turns sync.Map

func serve(listener net.Listener, socket string) {
	for {
		client, err := listener.Accept()
		if err != nil {
			if !errors.Is(err, net.ErrClosed) {
				log.Printf("no more connections are taken: %v", err)
			}
			return
		}
		go func() {
			defer client.Close()
			upstream, err := net.Dial("unix", socket)
			if err != nil {
				log.Printf("a connection is refused: %v", err)
				return
			}
			defer upstream.Close()
			for exchange(client, upstream) == nil {
			}
		}()
	}
}

// exchange passes one request and its answer on; an error is the end of the connection.
func exchange(client, upstream net.Conn) error {
	request, err := readMessage(client)
	if err != nil {
		return err
	}
	answer, err := inTurn(request, upstream)
	if err != nil {
		return err
	}
	_, err = client.Write(answer)
	return err
}

func inTurn(request []byte, upstream net.Conn) ([]byte, error) {
	command, collection := commandOf(request)
	if changing[command] {
		turn, _ := turns.LoadOrStore(collection, &sync.Mutex{})
		turn.(*sync.Mutex).Lock()
		defer turn.(*sync.Mutex).Unlock()
		upstream.SetDeadline(time.Now().Add(changeWithin))
		defer upstream.SetDeadline(time.Time{})
	}
	if _, err := upstream.Write(request); err != nil {
		return nil, err
	}
	if wantsNoAnswer(request) {
		return nil, nil
	}
	return readMessage(upstream)
}

func readMessage(from io.Reader) ([]byte, error) {
	var header [headerBytes]byte
	if _, err := io.ReadFull(from, header[:]); err != nil {
		return nil, err
	}
	length := binary.LittleEndian.Uint32(header[:])
	if length < headerBytes || length > maxMessage {
		return nil, errors.New("a message of an impossible length")
	}
	message := make([]byte, length)
	copy(message, header[:])
	_, err := io.ReadFull(from, message[headerBytes:])
	return message, err
}

// commandOf reads the first element of a message's document: the command's name and, for one that
// changes anything, its collection.
func commandOf(message []byte) (command, collection string) {
	// Header, flags, kind of the section, length of the document, type of the element.
	const name = headerBytes + 4 + 1 + 4 + 1
	if len(message) < name || binary.LittleEndian.Uint32(message[12:]) != opMsg || message[headerBytes+4] != 0 {
		return "", ""
	}
	command, rest, _ := cutString(message[name:])
	if message[name-1] != 0x02 || len(rest) < 4 {
		return command, ""
	}
	collection, _, _ = cutString(rest[4:])
	return command, collection
}

func cutString(from []byte) (string, []byte, bool) {
	text, rest, found := bytes.Cut(from, []byte{0})
	return string(text), rest, found
}

func wantsNoAnswer(message []byte) bool {
	return binary.LittleEndian.Uint32(message[12:]) == opMsg && len(message) >= headerBytes+4 &&
		binary.LittleEndian.Uint32(message[headerBytes:])&moreToCome != 0
}
