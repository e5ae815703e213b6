package main

import (
	"bytes"
	"fmt"
	"testing"
)

func taken(ring *Ring) (lines []Line) {
	buffer := make([]byte, maxRecordInRing)
	for !ring.isAllTaken() {
		eachLine(ring.take(buffer), func(line Line) {
			line.text = bytes.Clone(line.text)
			lines = append(lines, line)
		})
	}
	return lines
}

func TestRingGivesBackWhatItWasGivenInOrder(t *testing.T) {
	ring := newRing()
	ring.add(kindLine, 1, []byte("one"))
	ring.add(kindPart, 2, bytes.Repeat([]byte("x"), maxLineBytes))
	ring.add(kindOwn, 3, nil)
	lines := taken(ring)
	if len(lines) != 3 || string(lines[0].text) != "one" || len(lines[1].text) != maxLineBytes || len(lines[2].text) != 0 {
		t.Fatalf("%d lines come back", len(lines))
	}
	for number, kind := range []byte{kindLine, kindPart, kindOwn} {
		if line := lines[number]; line.kind != kind || line.number != uint64(number+1) || line.atMicros != int64(number+1) {
			t.Errorf("line %d is %d %d of kind %d", number+1, line.number, line.atMicros, line.kind)
		}
	}
}

func TestFullRingForgetsTheOldestAndCountsWhatWasNotTaken(t *testing.T) {
	ring := newRing()
	const total = 300_000
	for number := 1; number <= total; number++ {
		ring.add(kindLine, 0, fmt.Appendf(nil, "line %d", number))
	}
	lines := taken(ring)
	if uint64(len(lines))+ring.lost != total || ring.lost == 0 {
		t.Errorf("%d kept and %d lost are not %d", len(lines), ring.lost, total)
	}
	for at, line := range lines {
		want := total - len(lines) + at + 1
		if line.number != uint64(want) || string(line.text) != fmt.Sprint("line ", want) {
			t.Fatalf("line %d is %d %q", want, line.number, line.text)
		}
	}
}

func TestRingLosesNothingThatWasTaken(t *testing.T) {
	ring := newRing()
	for number := 1; number <= 300_000; number++ {
		ring.add(kindLine, 0, fmt.Appendf(nil, "line %d", number))
		if number%1000 == 0 {
			taken(ring)
		}
	}
	if ring.lost != 0 {
		t.Errorf("%d are counted as lost", ring.lost)
	}
}

func TestRingGoesBackToWhatTheHubHas(t *testing.T) {
	ring := newRing()
	for number := 1; number <= 10; number++ {
		ring.add(kindLine, 0, fmt.Append(nil, number))
	}
	for _, story := range []struct{ has, left int }{{0, 10}, {4, 6}, {10, 0}, {4, 6}, {99, 0}} {
		taken(ring)
		ring.rewind(uint64(story.has))
		if got := len(taken(ring)); got != story.left {
			t.Errorf("after %d it gives %d instead of %d", story.has, got, story.left)
		}
	}
}

func TestRingGoesBackNoFurtherThanItRemembers(t *testing.T) {
	ring := newRing()
	text := bytes.Repeat([]byte("x"), 1000)
	for range 5000 {
		ring.add(kindLine, 0, text)
		taken(ring)
	}
	ring.rewind(0)
	lines := taken(ring)
	if len(lines) < 1000 || lines[0].number != uint64(5000-len(lines)+1) {
		t.Errorf("%d lines come back, the first is %d", len(lines), lines[0].number)
	}
}
