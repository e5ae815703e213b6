package main

import (
	"bytes"
	"fmt"
	"strconv"
	"time"
)

// What a request came to that got no answer from its instance. Codes are those
// that Heroku's users know.
var routerErrors = map[string]string{
	"H12": "Request timeout", "H13": "Connection closed without response", "H14": "No web processes running",
	"H21": "Backend connection refused", "H27": "Client request interrupted", "H80": "Maintenance mode",
}

// Request is a line of the router's access log, of log_format dcdget:
//
//	ADDRESS [TIME] APP INSTANCE "METHOD HOST" STATUS BYTES SECONDS … REQUEST_ID
//	  "URI" "PROTOCOL" "MSEC" "CONNECT_SECONDS" "HEADER_SECONDS" "CODE"
//
// Nginx writes quotes inside values as \x22. Of a request that was tried on
// several instances the seconds are lists.
type Request struct {
	app, instance, address, method, host, status, sentBytes, requestID, uri, protocol string
	at                                                                                time.Time
	seconds, connectSeconds, headerSeconds, code                                      string
}

// readRequest takes lines of requests to an app, and no other.
func readRequest(line []byte) (request Request, isOne bool) {
	parts := bytes.Split(line, []byte{'"'})
	if len(parts) != 15 {
		return Request{}, false
	}
	head, asked, answer := bytes.Fields(parts[0]), bytes.Fields(parts[1]), bytes.Fields(parts[2])
	if len(head) != 4 || len(asked) != 2 || len(answer) < 4 {
		return Request{}, false
	}
	at, isTime := microsOf(parts[7])
	request = Request{
		address: string(head[0]), app: string(head[2]), instance: string(head[3]), method: string(asked[0]), host: string(asked[1]),
		status: string(answer[0]), sentBytes: string(answer[1]), seconds: string(answer[2]), requestID: string(answer[len(answer)-1]),
		uri: string(parts[3]), protocol: string(parts[5]), at: at,
		connectSeconds: lastOf(parts[9]), headerSeconds: lastOf(parts[11]), code: string(parts[13]),
	}
	return request, isTime && request.app != "-"
}

// microsOf reads SECONDS.MILLISECONDS.
func microsOf(text []byte) (time.Time, bool) {
	whole, fraction, _ := bytes.Cut(text, []byte{'.'})
	seconds, err := strconv.ParseInt(string(whole), 10, 64)
	millis, fractionErr := strconv.ParseInt(string(fraction), 10, 64)
	return time.UnixMilli(seconds*1000 + millis), err == nil && fractionErr == nil
}

// lastOf is the last time that there is: an instance that was not reached has "-".
func lastOf(list []byte) string {
	last := "-"
	for _, field := range bytes.FieldsFunc(list, func(character rune) bool { return character == ' ' || character == ',' || character == ':' }) {
		if string(field) != "-" {
			last = string(field)
		}
	}
	return last
}

// appendLine writes the line for the log hub, in the form of Heroku's router.
func (r Request) appendLine(to []byte) []byte {
	to = append(append(to, r.app...), " at="...)
	if code := r.errorCode(); code != "" {
		to = fmt.Appendf(to, "error code=%s desc=\"%s\" ", code, routerErrors[code])
	} else {
		to = append(to, "info "...)
	}
	return fmt.Appendf(to, `method=%s path="%s" host=%s request_id=%s fwd="%s" dyno=%s connect=%s service=%s status=%s bytes=%s protocol=%s`,
		r.method, r.uri, r.host, r.requestID, r.address, processOf(r.instance), millis(r.connectSeconds), millis(r.seconds), r.status, r.sentBytes, r.protocol)
}

// errorCode is empty when the status is the instance's own.
func (r Request) errorCode() string {
	switch {
	case r.headerSeconds != "-":
		return ""
	case routerErrors[r.code] != "":
		return r.code
	case r.status == "499":
		return "H27"
	case r.status == "504":
		return "H12"
	case r.status == "502" && r.connectSeconds != "-":
		return "H13"
	case r.status == "502":
		return "H21"
	}
	return ""
}

func millis(seconds string) string {
	value, err := strconv.ParseFloat(seconds, 64)
	if err != nil {
		return ""
	}
	return strconv.Itoa(int(value*1000+0.5)) + "ms"
}
