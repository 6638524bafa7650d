package flow

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Judge refuses a request body that names anything but the mailbox the call was
// decided for (R10), or another command of Exchange's than the operation's. Only an
// operation whose subject stands in its body has something to judge.
func (o Operation) Judge(mailbox string, body []byte) error {
	if o.cmdlet != "" {
		return o.judgeCmdlet(body)
	}
	if o.mail != "" {
		return o.judgeMail(body)
	}
	if !o.named {
		return nil
	}
	wanted, err := o.About(mailbox)
	if err != nil {
		return err
	}
	named, err := resource(body)
	if err != nil {
		return fmt.Errorf("judging the body of %s: %w", o.name, err)
	}
	if named != wanted {
		return fmt.Errorf("judging the body of %s: it names %q, decided was %q", o.name, named, wanted)
	}
	return nil
}

// resource gives the "resource" member of a JSON object that has exactly one,
// whatever its case: a server may read the first or the last of several.
func resource(body []byte) (string, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	if opening, err := decoder.Token(); err != nil || opening != json.Delim('{') {
		return "", fmt.Errorf("it is not a JSON object")
	}
	var named []string
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return "", fmt.Errorf("reading a member: %w", err)
		}
		var value any
		if err := decoder.Decode(&value); err != nil {
			return "", fmt.Errorf("reading member %v: %w", key, err)
		}
		if name, _ := key.(string); !strings.EqualFold(name, "resource") {
			continue
		}
		text, _ := value.(string)
		named = append(named, text)
	}
	if _, err := decoder.Token(); err != nil {
		return "", fmt.Errorf("reading the end: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return "", fmt.Errorf("something follows the object")
	}
	if len(named) != 1 {
		return "", fmt.Errorf("it names %d resources", len(named))
	}
	return named[0], nil
}
