package main

import (
	"bytes"
	"encoding/hex"
	"net/netip"
	"os"
	"slices"
	"time"
)

const (
	listenProbeFirst   = 5 * time.Millisecond
	listenProbeLast    = 50 * time.Millisecond
	listenProbeFor     = 5 * time.Minute
	listenPublishEvery = 500 * time.Millisecond

	tcpListen = "0A" // TCP_LISTEN in the tables of /proc/net
)

// nextListenProbe backs off from every 5 ms in the first second to every 50 ms
// from the tenth on.
func nextListenProbe(elapsed time.Duration) time.Duration {
	return min(max(elapsed/200, listenProbeFirst), listenProbeLast)
}

// listeningAddresses returns what the processes in this network namespace
// accept TCP connections on, sorted, each once.
func listeningAddresses() []netip.AddrPort {
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
	slices.SortFunc(addresses, netip.AddrPort.Compare)
	return slices.Compact(addresses)
}

// A row is: number, local address, remote address, state …
func listeningAddress(row []byte) (netip.AddrPort, bool) {
	fields := bytes.Fields(row)
	if len(fields) < 4 || string(fields[3]) != tcpListen {
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
