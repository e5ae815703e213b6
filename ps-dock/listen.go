package main

import (
	"bytes"
	wire "encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	listenProbeFirst   = 5 * time.Millisecond
	listenProbeLast    = 50 * time.Millisecond
	listenProbeFor     = 5 * time.Minute
	listenPublishEvery = 500 * time.Millisecond

	tcpListen = 10   // TCP_LISTEN
	listenRow = "0A" // the same in the tables of /proc/net

	sockDiagByFamily  = 20 // SOCK_DIAG_BY_FAMILY
	diagRequestBytes  = 56 // struct inet_diag_req_v2
	diagAnswerTimeout = time.Second
)

// nextListenProbe backs off from every 5 ms in the first second to every 50 ms
// from the tenth on.
func nextListenProbe(elapsed time.Duration) time.Duration {
	return min(max(elapsed/200, listenProbeFirst), listenProbeLast)
}

// cannotAsk is set once the kernel has not answered: it may lack inet_diag or
// tcp_diag, and would look for a module each time.
var cannotAsk atomic.Bool

// listeningAddresses returns what the processes in this network namespace
// accept TCP connections on, sorted, each once.
func listeningAddresses() []netip.AddrPort {
	var addresses []netip.AddrPort
	if !cannotAsk.Load() {
		var err error
		addresses, err = askListening()
		cannotAsk.Store(err != nil)
	}
	if cannotAsk.Load() {
		addresses = readListening()
	}
	slices.SortFunc(addresses, netip.AddrPort.Compare)
	return slices.Compact(addresses)
}

// askListening asks the kernel by netlink (sock_diag(7)): it looks at what
// listens alone, in 0.04 ms. The tables of /proc/net go through every
// connection that the machine could have, in milliseconds of the kernel's time.
func askListening() ([]netip.AddrPort, error) {
	socket, err := syscall.Socket(syscall.AF_NETLINK, syscall.SOCK_RAW|syscall.SOCK_CLOEXEC, syscall.NETLINK_INET_DIAG)
	if err != nil {
		return nil, err
	}
	defer syscall.Close(socket)
	timeout := syscall.NsecToTimeval(diagAnswerTimeout.Nanoseconds())
	if err := syscall.SetsockoptTimeval(socket, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &timeout); err != nil {
		return nil, err
	}
	var addresses []netip.AddrPort
	for _, family := range []byte{syscall.AF_INET, syscall.AF_INET6} {
		found, err := askFamily(socket, family)
		if err != nil {
			return nil, err
		}
		addresses = append(addresses, found...)
	}
	return addresses, nil
}

func askFamily(socket int, family byte) ([]netip.AddrPort, error) {
	request := make([]byte, syscall.NLMSG_HDRLEN+diagRequestBytes)
	wire.NativeEndian.PutUint32(request, uint32(len(request)))
	wire.NativeEndian.PutUint16(request[4:], sockDiagByFamily)
	wire.NativeEndian.PutUint16(request[6:], syscall.NLM_F_REQUEST|syscall.NLM_F_DUMP)
	body := request[syscall.NLMSG_HDRLEN:]
	body[0], body[1] = family, syscall.IPPROTO_TCP
	wire.NativeEndian.PutUint32(body[4:], 1<<tcpListen)
	if err := syscall.Sendto(socket, request, 0, &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK}); err != nil {
		return nil, err
	}
	var addresses []netip.AddrPort
	answer := make([]byte, 32*1024)
	for {
		size, _, err := syscall.Recvfrom(socket, answer, 0)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found, isWhole, err := diagAddresses(answer[:size])
		if err != nil {
			return nil, err
		}
		addresses = append(addresses, found...)
		if isWhole {
			return addresses, nil
		}
	}
}

// diagAddresses reads a piece of the kernel's answer, and whether it is the last.
func diagAddresses(piece []byte) (addresses []netip.AddrPort, isWhole bool, err error) {
	messages, err := syscall.ParseNetlinkMessage(piece)
	if err != nil {
		return nil, false, err
	}
	for _, message := range messages {
		switch message.Header.Type {
		case syscall.NLMSG_DONE, syscall.NLMSG_ERROR:
			return addresses, true, diagError(message.Data)
		case sockDiagByFamily:
			if address, isAddress := diagAddress(message.Data); isAddress {
				addresses = append(addresses, address)
			}
		}
	}
	return addresses, false, nil
}

// Both ends begin with an error's number, negative, or with 0.
func diagError(data []byte) error {
	if len(data) < 4 {
		return errors.New("the kernel's answer about sockets is cut short")
	}
	number := -int32(wire.NativeEndian.Uint32(data))
	if number == 0 {
		return nil
	}
	return fmt.Errorf("the kernel does not tell its sockets: %w", syscall.Errno(number))
}

// A socket is: family, state, timer, retransmits, two ports and two addresses,
// both in the network's byte order …
func diagAddress(data []byte) (netip.AddrPort, bool) {
	if len(data) < 24 || data[1] != tcpListen {
		return netip.AddrPort{}, false
	}
	host := data[8:12]
	if data[0] == syscall.AF_INET6 {
		host = data[8:24]
	}
	address, isAddress := netip.AddrFromSlice(host)
	return netip.AddrPortFrom(address.Unmap(), wire.BigEndian.Uint16(data[4:])), isAddress
}

func readListening() []netip.AddrPort {
	var addresses []netip.AddrPort
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		rows, err := os.ReadFile(table)
		if err != nil {
			continue // a kernel without IPv6
		}
		for _, row := range bytes.Split(rows, []byte{'\n'}) {
			if address, isListening := listeningAddress(row); isListening {
				addresses = append(addresses, address)
			}
		}
	}
	return addresses
}

// A row is: number, local address, remote address, state …
func listeningAddress(row []byte) (netip.AddrPort, bool) {
	fields := bytes.Fields(row)
	if len(fields) < 4 || string(fields[3]) != listenRow {
		return netip.AddrPort{}, false
	}
	host, port, _ := bytes.Cut(fields[1], []byte{':'})
	address, isAddress := kernelAddress(host)
	portBytes, err := hex.DecodeString(string(port))
	if !isAddress || err != nil || len(portBytes) != 2 {
		return netip.AddrPort{}, false
	}
	return netip.AddrPortFrom(address, uint16(portBytes[0])<<8|uint16(portBytes[1])), true
}

// The kernel prints an address as words of 32 bits, each in the machine's byte
// order, which is little-endian wherever ps-dock is built for.
func kernelAddress(text []byte) (netip.Addr, bool) {
	address, err := hex.DecodeString(string(text))
	if err != nil || len(address)%4 != 0 {
		return netip.Addr{}, false
	}
	for word := 0; word < len(address); word += 4 {
		slices.Reverse(address[word : word+4])
	}
	parsed, isAddress := netip.AddrFromSlice(address)
	return parsed.Unmap(), isAddress
}

// isBound says whether the port can be reached from outside the container.
func isBound(port int, addresses []netip.AddrPort) bool {
	return slices.ContainsFunc(addresses, func(address netip.AddrPort) bool {
		return int(address.Port()) == port && address.Addr().IsUnspecified()
	})
}

func asStrings(addresses []netip.AddrPort) []string {
	texts := make([]string, 0, len(addresses))
	for _, address := range addresses {
		texts = append(texts, address.String())
	}
	return texts
}
