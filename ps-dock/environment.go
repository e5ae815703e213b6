package main

import (
	"fmt"
	"os"
	"strings"
)

// What the kernel takes for one KEY=VALUE of an execve, without the NUL at its end.
const maxRecordBytes = 128<<10 - 1

var environmentDefaults = []string{
	"PATH=/usr/local/bin:/usr/bin:/bin",
	"HOME=/app",
}

// readEnvironment returns the records of an environment file (KEY=VALUE, each
// closed by a NUL, the last one optionally so) with the defaults for what is
// absent. Values are secrets: an error names a key or a record's number only.
func readEnvironment(path string) ([]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var records []string
	if content := strings.TrimSuffix(string(text), "\x00"); content != "" {
		records = strings.Split(content, "\x00")
	}
	for number, record := range records {
		if err := checkRecord(number+1, record); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return withDefaults(records), nil
}

func checkRecord(number int, record string) error {
	key, _, hasValue := strings.Cut(record, "=")
	switch {
	case !hasValue || key == "":
		return fmt.Errorf("record %d is not KEY=VALUE", number)
	case len(record) > maxRecordBytes:
		return fmt.Errorf("%s takes %d bytes, more than the %d a process can be given", key, len(record), maxRecordBytes)
	}
	return nil
}

// A key that is given twice counts once, with its last value.
func withDefaults(records []string) []string {
	position := map[string]int{}
	var environment []string
	for _, record := range append(environmentDefaults[:len(environmentDefaults):len(environmentDefaults)], records...) {
		key, _, _ := strings.Cut(record, "=")
		if at, isKnown := position[key]; isKnown {
			environment[at] = record
			continue
		}
		position[key] = len(environment)
		environment = append(environment, record)
	}
	return environment
}
