package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// newRequest makes a request with a JSON body; nil is no body.
func newRequest(ctx context.Context, method, address string, body any) (*http.Request, error) {
	var text io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return nil, fmt.Errorf("writing a question as JSON: %w", err)
		}
		text = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(ctx, method, address, text)
	if err != nil {
		return nil, fmt.Errorf("making a question: %w", err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return r, nil
}

// everything reads a list of the API to its end, page by page.
func everything[T any](ctx context.Context, c *client, path string, query map[string]string, each func(T) error) error {
	cursor := ""
	for {
		values := map[string][]string{}
		for name, value := range query {
			if value != "" {
				values[name] = []string{value}
			}
		}
		if cursor != "" {
			values["cursor"] = []string{cursor}
		}
		var page struct {
			Items []T
			Next  string
		}
		if err := c.get(ctx, path, values, &page); err != nil {
			return err
		}
		for _, item := range page.Items {
			if err := each(item); err != nil {
				return err
			}
		}
		if cursor = page.Next; cursor == "" {
			return nil
		}
	}
}
