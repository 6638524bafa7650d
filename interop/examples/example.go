package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// example is one documented request with its answer.
type example struct {
	ID      string
	Request struct {
		Method, URL string
		Headers     map[string]string
		Body        json.RawMessage
		Kind        string `json:"body_kind"`
	}
	Response struct {
		Status int
		Body   json.RawMessage
	}
}

// readExamples reads the examples that stand in the list of ids.
func readExamples(path, ids string) ([]example, error) {
	list, err := os.ReadFile(ids)
	if err != nil {
		return nil, err
	}
	wanted := map[string]bool{}
	for line := range strings.Lines(string(list)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			wanted[line] = true
		}
	}
	in, err := unzip(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	var out []example
	lines := bufio.NewReader(in)
	for {
		raw, err := lines.ReadBytes('\n')
		if len(raw) > 1 {
			var e example
			if err := json.Unmarshal(raw, &e); err != nil {
				return nil, fmt.Errorf("reading %s: %w", path, err)
			}
			if wanted[e.ID] {
				out = append(out, e)
				delete(wanted, e.ID)
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	for id := range wanted {
		return nil, fmt.Errorf("%s holds no example %s", path, id)
	}
	return out, nil
}

// unzip opens a compressed file.
func unzip(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return struct {
		io.Reader
		io.Closer
	}{z, f}, nil
}
