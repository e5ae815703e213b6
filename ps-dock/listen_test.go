package main

import (
	wire "encoding/binary"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"testing"
	"time"
)

func TestListenProbesBackOffFrom5To50Milliseconds(t *testing.T) {
	for elapsed, want := range map[time.Duration]time.Duration{
		0: 5 * time.Millisecond, time.Second: 5 * time.Millisecond, 4 * time.Second: 20 * time.Millisecond,
		10 * time.Second: 50 * time.Millisecond, time.Hour: 50 * time.Millisecond,
	} {
		if got := nextListenProbe(elapsed); got != want {
			t.Errorf("after %v it is %v instead of %v", elapsed, got, want)
		}
	}
}

func TestListeningRowsAreReadAndOthersLeftOut(t *testing.T) {
	for row, want := range map[string]string{
		"  0: 00000000:1388 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 1 1": "0.0.0.0:5000",
		"  1: 0100007F:0BB8 00000000:0000 0A 00000000:00000000":                              "127.0.0.1:3000",
		"  2: 0000000000000000FFFF00000100007F:1388 0:0000 0A":                               "127.0.0.1:5000",
		"  3: B80D0120000000000000000001000000:1388 0:0000 0A":                               "[2001:db8::1]:5000",
		"  4: 0100007F:1388 0100007F:9000 01":                                                "",
		"  sl  local_address rem_address   st tx_queue":                                      "",
		"  5: 0100:1388 0:0000 0A":                                                           "",
		"":                                                                                   "",
	} {
		address, isListening := listeningAddress([]byte(row))
		if isListening != (want != "") || isListening && address.String() != want {
			t.Errorf("%q is read as %v, %v", row, address, isListening)
		}
	}
}

func TestTheKernelTellsOfTheSameListenersAsItsTables(t *testing.T) {
	var own []netip.AddrPort
	for _, at := range []struct{ network, address string }{
		{"tcp4", "127.0.0.1:0"}, {"tcp4", "0.0.0.0:0"}, {"tcp6", "[::1]:0"}, {"tcp", ":0"},
	} {
		listener, err := net.Listen(at.network, at.address)
		if err != nil {
			t.Logf("%s %s is left out: %v", at.network, at.address, err)
			continue
		}
		defer listener.Close()
		own = append(own, listener.Addr().(*net.TCPAddr).AddrPort())
	}
	if len(own) == 0 {
		t.Fatal("nothing can listen here")
	}
	connection, err := net.Dial("tcp", own[0].String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	asked, err := askListening()
	if err != nil {
		t.Fatal(err)
	}
	read := readListening()
	for _, listener := range own {
		if !slices.Contains(asked, listener) || !slices.Contains(read, listener) {
			t.Errorf("%v is not among %v, or not among %v of the tables", listener, asked, read)
		}
	}
	if client := connection.LocalAddr().(*net.TCPAddr).AddrPort(); slices.Contains(asked, client) {
		t.Errorf("%v does not listen", client)
	}
}

// netlinkMessage has a header of 16 bytes: length, type, flags, sequence, port.
func netlinkMessage(kind uint16, data []byte) []byte {
	message := make([]byte, 16, 16+len(data))
	wire.NativeEndian.PutUint32(message, uint32(16+len(data)))
	wire.NativeEndian.PutUint16(message[4:], kind)
	return append(message, data...)
}

func TestTheEndOfTheKernelsAnswerSaysWhetherItKnows(t *testing.T) {
	number := func(errno int32) []byte { return wire.NativeEndian.AppendUint32(nil, uint32(-errno)) }
	socket := make([]byte, 72)
	socket[0], socket[1] = syscall.AF_INET, tcpListen
	copy(socket[4:], []byte{0x13, 0x88, 0, 0, 127, 0, 0, 1})
	row := netlinkMessage(sockDiagByFamily, socket)
	for name, story := range map[string]struct {
		piece   []byte
		found   int
		isWhole bool
		fails   bool
	}{
		"more to come":         {row, 1, false, false},
		"the end":              {append(slices.Clone(row), netlinkMessage(syscall.NLMSG_DONE, number(0))...), 1, true, false},
		"no tcp_diag":          {netlinkMessage(syscall.NLMSG_DONE, number(int32(syscall.ENOENT))), 0, true, true},
		"no inet_diag":         {netlinkMessage(syscall.NLMSG_ERROR, number(int32(syscall.EINVAL))), 0, true, true},
		"an end without words": {netlinkMessage(syscall.NLMSG_DONE, nil), 0, true, true},
		"half a message":       {row[:40], 0, false, true},
	} {
		found, isWhole, err := diagAddresses(story.piece)
		if (err != nil) != story.fails || err == nil && (len(found) != story.found || isWhole != story.isWhole) {
			t.Errorf("%s: %v, %v, %v", name, found, isWhole, err)
		}
	}
}
