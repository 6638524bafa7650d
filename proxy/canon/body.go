package canon

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/edm"
)

// content judges the body: every member of it must stand in the schema, and each
// object that it names is noted.
func (p *parser) content(raw []byte) error {
	last := p.target.Last()
	switch {
	case last.Role == edm.RoleBatch && p.request.Method == http.MethodPost:
		return p.batch(raw)
	case p.request.Method == http.MethodGet, p.request.Method == http.MethodDelete:
		if len(raw) > 0 {
			return unread("", errors.New("a body does not go with "+p.request.Method))
		}
		return nil
	case last.Role == edm.RoleValue:
		return way("Raw bytes are not let through here.", "Send what Microsoft documents as JSON.")
	case p.target.Op != nil && len(raw) == 0:
		return nil // an action without parameters
	}
	body, err := decode(raw)
	if err != nil {
		return unread("", err)
	}
	if err := p.fits(body); err != nil {
		var wrong *edm.BodyError
		if errors.As(err, &wrong) {
			return unread(wrong.Property, errors.New(wrong.Message))
		}
		return unread("", err)
	}
	p.spell(body)
	if err := p.named(body); err != nil {
		return err
	}
	p.request.body = body
	return nil
}

// batch takes a $batch apart. It leads to nothing by itself: each of its items is a
// request of its own.
func (p *parser) batch(raw []byte) (err error) {
	if p.request.Query() != "" {
		return wrong("", "A $batch has no options.", "Give each of its requests its own.")
	}
	if p.request.body, err = decode(raw); err != nil {
		return unread("", err)
	}
	p.request.Items, err = items(p.request.body)
	return err
}

// spell gives an action's parameters the names that the schema has for them.
func (p *parser) spell(body map[string]any) {
	if p.target.Op == nil {
		return
	}
	for name, value := range body {
		if param, known := p.target.Op.Param(name); known && param.Name != name {
			delete(body, name)
			body[param.Name] = value
		}
	}
}

// fits holds the body against the schema.
func (p *parser) fits(body map[string]any) error {
	last := p.target.Last()
	switch {
	case p.target.Op != nil:
		return p.model.CheckParams(p.target.Op, body)
	case last.Role == edm.RoleRef:
		for name := range body {
			if name != "@odata.id" && name != "@odata.type" && name != "@odata.context" {
				return fmt.Errorf("a reference has no member %q", name)
			}
		}
		return nil
	}
	mode := edm.Create
	if p.request.Method != http.MethodPost {
		mode = edm.Update
	}
	return p.model.Check(last.Ref.Type, body, mode)
}

// named notes every object that the body names (R10).
func (p *parser) named(body map[string]any) error {
	if err := p.references("", body); err != nil {
		return err
	}
	if err := p.goes(body); err != nil {
		return err
	}
	switch p.action() {
	case "getSchedule":
		return p.each(body, "Schedules", Mail)
	case "getMailTips":
		return p.each(body, "EmailAddresses", Mail)
	case "getByIds":
		return p.each(body, "ids", Objects)
	case "move", "copy":
		return p.each(body, "DestinationId", Folders)
	case "findMeetingTimes":
		return p.attendees(body)
	case "query":
		return way("A search over everything cannot be kept to mailboxes.", "Search in each mailbox: $search on its messages.")
	case "checkMemberGroups", "checkMemberObjects", "getMemberGroups", "getMemberObjects":
		return nil
	}
	if p.target.Last().Ref.Type == "microsoft.graph.subscription" {
		return p.subject(body)
	}
	return p.sender("", body)
}

// goes refuses a file that is moved or copied to anywhere but a folder of the drive that the
// path leads to: nobody could say whose the other one is.
func (p *parser) goes(body map[string]any) error {
	for name, value := range body {
		to, _ := value.(map[string]any)
		if !strings.EqualFold(name, "parentReference") {
			continue
		}
		for member, drive := range to {
			steps := p.request.steps
			same := strings.EqualFold(member, "driveId") && steps[0].Text == "drives" && len(steps) > 1 && drive == steps[1].Text
			if !same && !strings.EqualFold(member, "id") && !strings.HasPrefix(member, "@odata.") {
				return way("The file would go to another drive, or by a path.", "Name the folder by its id, in the same drive.")
			}
		}
	}
	return nil
}

// subject notes what a subscription is about.
func (p *parser) subject(body map[string]any) error {
	text, is := body["resource"].(string)
	if !is {
		if p.request.Method == http.MethodPost {
			return unread("resource", errors.New("a subscription says what it is about"))
		}
		return nil
	}
	about, err := p.again(text)
	if err != nil {
		return unread("resource", err)
	}
	p.request.Named = append(p.request.Named, Named{"resource", about})
	body["resource"] = strings.TrimPrefix(text, "/")
	return nil
}

// references follows what stands behind @odata.bind and @odata.id, anywhere.
func (p *parser) references(at string, value any) error {
	switch v := value.(type) {
	case []any:
		for i, one := range v {
			if err := p.references(fmt.Sprintf("%s[%d]", at, i), one); err != nil {
				return err
			}
		}
	case map[string]any:
		for name, one := range v {
			here := join(at, name)
			if !strings.HasSuffix(name, "@odata.bind") && name != "@odata.id" && name != "@odata.nextLink" {
				if err := p.references(here, one); err != nil {
					return err
				}
				continue
			}
			if err := p.bound(here, one); err != nil {
				return err
			}
		}
	}
	return nil
}

// bound follows one reference, or each of a list.
func (p *parser) bound(at string, value any) error {
	list, many := value.([]any)
	if !many {
		list = []any{value}
	}
	for _, one := range list {
		text, is := one.(string)
		if !is {
			return unread(at, errors.New("a reference is a text"))
		}
		to, err := p.again(text)
		if err != nil {
			return unread(at, err)
		}
		p.request.Named = append(p.request.Named, Named{at, to})
	}
	return nil
}

// each notes every entry of a parameter of the action, or its one value.
func (p *parser) each(body map[string]any, name string, space Space) error {
	for member, value := range body {
		if !strings.EqualFold(member, name) {
			continue
		}
		list, many := value.([]any)
		if !many {
			list = []any{value}
		}
		for i, one := range list {
			key, is := one.(string)
			if !is || key == "" {
				return unread(member, errors.New("it is no text"))
			}
			from := member
			if many {
				from = fmt.Sprintf("%s[%d]", member, i)
			}
			p.request.Reaches = append(p.request.Reaches, Reach{Space: space, Key: key, From: from})
		}
	}
	return nil
}

// attendees notes whose free and busy times are looked at.
func (p *parser) attendees(body map[string]any) error {
	for member, value := range body {
		if !strings.EqualFold(member, "attendees") {
			continue
		}
		list, _ := value.([]any)
		for i, one := range list {
			if err := p.address(fmt.Sprintf("%s[%d]", member, i), one); err != nil {
				return err
			}
		}
	}
	return nil
}

// sender notes in whose name a message goes, wherever the body holds one.
func (p *parser) sender(at string, value any) error {
	switch v := value.(type) {
	case []any:
		for i, one := range v {
			if err := p.sender(fmt.Sprintf("%s[%d]", at, i), one); err != nil {
				return err
			}
		}
	case map[string]any:
		for name, one := range v {
			here := join(at, name)
			step := p.sender
			if (strings.EqualFold(name, "from") || strings.EqualFold(name, "sender") || strings.EqualFold(name, "organizer")) && one != nil {
				step = p.address
			}
			if err := step(here, one); err != nil {
				return err
			}
		}
	}
	return nil
}

// address notes the mailbox that a recipient is.
func (p *parser) address(at string, recipient any) error {
	holder, _ := recipient.(map[string]any)
	inner, _ := holder["emailAddress"].(map[string]any)
	key, _ := inner["address"].(string)
	if key == "" {
		return unread(at, errors.New("it names no address"))
	}
	p.request.Reaches = append(p.request.Reaches, Reach{Space: Mail, Key: key, From: at + "/emailAddress/address"})
	return nil
}

// again parses a reference in a body: a path below the version, or an address that
// begins with one of the bases.
func (p *parser) again(ref string) (*Request, error) {
	for _, base := range p.bases {
		if len(ref) > len(base) && strings.EqualFold(ref[:len(base)], base) {
			ref = ref[len(base):]
			break
		}
	}
	if strings.Contains(ref, ":") && strings.Contains(ref, "//") {
		return nil, errors.New("it is an address of somebody else")
	}
	path, query, _ := strings.Cut(ref, "?")
	return Parse(Incoming{Method: http.MethodGet, Path: path, Query: query, Bases: p.bases})
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "/" + name
}

// unread says what of a body is not understood.
func unread(field string, err error) error {
	return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "proxy.body", Field: field,
		Say: sentence(err.Error()), Do: "Send the body as Microsoft documents it for version 1.0."}
}
