package main

import (
	"bytes"
	"strconv"
	"time"
)

const (
	priorityApp    = "<190>" // local7, informational
	priorityOwn    = "<174>" // local5
	priorityRouter = "<158>" // local3

	noStructuredData = " - "
	partOfLine       = ` [dcdget@0 part="1"] `
)

// Frames writes lines as octet-counted frames (RFC 6587) of syslog (RFC 5424).
type Frames struct {
	app     string // HOSTNAME, "-" for a sender whose lines name theirs
	process string // PROCID
	message []byte

	stampMicros int64 // lines that were read together have one time
	stamp       []byte
}

func (f *Frames) append(to []byte, line Line) []byte {
	f.message = f.appendMessage(f.message[:0], line)
	return appendFrame(to, f.message)
}

func appendFrame(to, message []byte) []byte {
	to = strconv.AppendInt(to, int64(len(message)), 10)
	return append(append(to, ' '), message...)
}

func (f *Frames) appendMessage(to []byte, line Line) []byte {
	app, process, text := f.app, f.process, line.text
	priority, source, data := priorityApp, " app ", noStructuredData
	switch line.kind {
	case kindPart:
		data = partOfLine
	case kindOwn:
		priority, source = priorityOwn, " dcdget "
	case kindRouter:
		name, words, _ := bytes.Cut(line.text, []byte{' '})
		app, process, text = string(name), "router", words
		priority, source = priorityRouter, " dcdget "
	}
	to = f.appendHead(to, priority, line.atMicros, app)
	to = append(append(append(to, source...), process...), ' ')
	to = strconv.AppendUint(to, line.number, 10)
	return append(append(to, data...), text...)
}

func (f *Frames) appendHead(to []byte, priority string, atMicros int64, app string) []byte {
	if atMicros != f.stampMicros || len(f.stamp) == 0 {
		f.stampMicros, f.stamp = atMicros, time.UnixMicro(atMicros).UTC().AppendFormat(f.stamp[:0], stampLayout)
	}
	to = append(append(to, priority...), "1 "...)
	return append(append(append(to, f.stamp...), ' '), app...)
}

// hello is the first frame: who sends, and its token.
func (f *Frames) hello(sender Sender, token string) []byte {
	message := f.appendHead(nil, priorityOwn, time.Now().UnixMicro(), f.app)
	message = append(append(message, " dcdget "...), f.process...)
	message = append(message, ` hello [dcdget@0`...)
	for _, parameter := range [][2]string{{sender.kind, sender.name}, {"run", sender.run}, {"token", token}} {
		message = append(append(append(message, ' '), parameter[0]...), `="`...)
		message = append(append(message, parameter[1]...), '"')
	}
	return appendFrame(nil, append(message, ']'))
}
