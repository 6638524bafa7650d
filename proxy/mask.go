package proxy

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/graphwarden/graphwarden/edm"
	"github.com/graphwarden/graphwarden/item"
	"github.com/graphwarden/graphwarden/proxy/canon"
)

// longestItem is how long one item of an answer may be that is masked.
const longestItem = 64 << 20

// mask passes an answer on with its private events masked, an item at a time. What does
// not say that it is open is masked, too: an event may have come without its sensitivity.
func mask(to io.Writer, from io.Reader, is edm.Ref, inJSON bool) error {
	ration := &ration{of: from, left: longestItem}
	d := json.NewDecoder(ration)
	m := masker{model: edm.Load(), to: to, ration: ration}
	switch first, err := d.Token(); {
	case errors.Is(err, io.EOF):
		return nil // there is no body
	case err != nil:
		return fmt.Errorf("reading an answer that is to be masked: %w", err)
	case !inJSON || first != json.Delim('{'):
		return errors.New("an answer that is to be masked is no JSON object")
	}
	if !is.Collection {
		return m.one(d, is.Type)
	}
	return m.list(d, is.Type)
}

// masker masks the parts of an answer.
type masker struct {
	model  *edm.Model
	to     io.Writer
	ration *ration
}

// one masks an answer that is one item, of which the first bracket has been read.
func (m masker) one(d *json.Decoder, typ string) error {
	raw, err := io.ReadAll(io.MultiReader(strings.NewReader("{"), d.Buffered(), m.ration))
	if err == nil {
		_, err = m.to.Write(m.shown(raw, typ))
	}
	return err
}

// list masks an answer whose items are its value, of which the first bracket has been
// read. Of the rest the annotations stay.
func (m masker) list(d *json.Decoder, typ string) error {
	before := "{"
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string) // in an object it is
		if name != "value" && !strings.HasPrefix(name, "@") {
			if err := d.Decode(new(json.RawMessage)); err != nil {
				return err
			}
			continue
		}
		quoted, err := json.Marshal(name)
		if err == nil {
			_, err = fmt.Fprintf(m.to, "%s%s:", before, quoted)
		}
		if before = ","; err == nil && name == "value" {
			err = m.items(d, typ)
		} else if err == nil {
			err = m.next(d, "")
		}
		if err != nil {
			return err
		}
	}
	end := "}"
	if before == "{" {
		end = "{}"
	}
	_, err := d.Token()
	if err == nil {
		_, err = io.WriteString(m.to, end)
	}
	return err
}

// items masks the items of a list.
func (m masker) items(d *json.Decoder, typ string) error {
	if first, err := d.Token(); err != nil || first != json.Delim('[') {
		return errors.Join(errors.New("the value of an answer that is to be masked is no list"), err)
	}
	if _, err := io.WriteString(m.to, "["); err != nil {
		return err
	}
	for before := ""; d.More(); before = "," {
		if _, err := io.WriteString(m.to, before); err != nil {
			return err
		}
		if err := m.next(d, typ); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return err
	}
	_, err := io.WriteString(m.to, "]")
	return err
}

// next masks the value that comes.
func (m masker) next(d *json.Decoder, typ string) error {
	m.ration.left = longestItem
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return err
	}
	_, err := m.to.Write(m.shown(raw, typ))
	return err
}

// shown gives a value as who is not shown private events may see it; typ is what the
// schema has there, "" what it does not say.
func (m masker) shown(raw json.RawMessage, typ string) json.RawMessage {
	switch first := strings.TrimLeft(string(raw[:min(len(raw), 64)]), " \t\r\n"); {
	case strings.HasPrefix(first, "["):
		return m.each(raw, typ)
	case !strings.HasPrefix(first, "{"):
		return raw
	}
	said := strings.TrimPrefix(item.Type(raw), "#")
	switch {
	case m.model.IsDerivedFrom(typ, canon.Event) || m.model.IsDerivedFrom(said, canon.Event):
		if !item.Open(raw) {
			return item.MaskChange(raw)
		}
		typ = canon.Event
	case typ == canon.Schedule || said == canon.Schedule:
		return item.MaskPerson(raw)
	case said != "":
		typ = said
	}
	owner, known := m.model.Type(typ)
	return item.Map(raw, func(name string, value json.RawMessage) json.RawMessage {
		if !known {
			return m.shown(value, "")
		}
		if nav, way := owner.Navigation(name); way {
			return m.shown(value, nav.Type)
		}
		if _, is := owner.Property(name); is {
			return value // no property holds an event: they are behind navigations
		}
		return m.shown(value, "")
	})
}

// each masks the members of a list.
func (m masker) each(raw json.RawMessage, typ string) json.RawMessage {
	var members []json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return json.RawMessage("[]")
	}
	out, changed := []byte{'['}, false
	for i, one := range members {
		if i > 0 {
			out = append(out, ',')
		}
		shown := m.shown(one, typ)
		changed = changed || string(shown) != string(one)
		out = append(out, shown...)
	}
	if !changed {
		return raw
	}
	return append(out, ']')
}

// ration ends an answer of which one item is too long.
type ration struct {
	of   io.Reader
	left int
}

// Read reads on, for as long as something is left.
func (r *ration) Read(into []byte) (int, error) {
	if r.left <= 0 {
		return 0, errors.New("an item of an answer that is to be masked is too long")
	}
	n, err := r.of.Read(into[:min(len(into), r.left)])
	r.left -= n
	return n, err
}
