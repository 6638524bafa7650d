package demo

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
)

// calendarFile is an iCalendar file of the viewer's, in a mailbox of its own.
type calendarFile struct {
	path, mailbox string
	from, to      time.Time // two years from its first event
	findings      []string  // what iCalendar allows and Microsoft 365 has no word for
}

// tellCalendars plays the story on calendar files: each is put into a mailbox,
// read by delta, delivered, and compared.
func (s *stage) tellCalendars(ctx context.Context) error {
	files, err := s.importCalendars(ctx)
	if err != nil {
		return err
	}
	s.chapter("One app, one flow for each calendar")
	for i, f := range files {
		s.plan.flows = append(s.plan.flows, plannedFlow{app: "app" + strconv.Itoa(i+1), registration: "calendar", mailboxes: []string{f.mailbox}, from: f.from, to: f.to})
	}
	if err := s.connect(ctx); err != nil {
		return err
	}
	s.did("signed in, %d mailboxes pinned", len(files))
	if err := s.firstSync(ctx); err != nil {
		return err
	}
	for _, f := range files {
		s.did("%-34s %5d events at the app, %s to %s", filepath.Base(f.path), len(s.receiver.events(f.mailbox)), f.from.Format(time.DateOnly), f.to.Format(time.DateOnly))
		for _, n := range f.findings {
			s.say("    line %s", strings.TrimPrefix(n, filepath.Base(f.path)+":"))
		}
	}
	if err := s.compared(ctx); err != nil || s.options.Once {
		return err
	}
	s.chapter("Ctrl-C ends it and leaves nothing behind")
	<-ctx.Done()
	return ctx.Err()
}

// importCalendars puts each file of the folder into a mailbox of its own.
func (s *stage) importCalendars(ctx context.Context) ([]calendarFile, error) {
	paths, err := calendarFiles(s.options.Calendars)
	if err != nil {
		return nil, err
	}
	s.chapter(fmt.Sprintf("%d calendar files, each into a mailbox of its own", len(paths)))
	var files []calendarFile
	taken := map[string]bool{}
	for _, p := range paths {
		f, err := s.importCalendar(ctx, p, nickname(p, taken))
		if err != nil && ctx.Err() != nil {
			return nil, err
		}
		if err != nil {
			s.trouble("%s is left out: %v", filepath.Base(p), err)
			continue
		}
		files = append(files, f)
	}
	if len(files) == 0 {
		return nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "demo.calendars",
			Say: "None of the files could be read as a calendar.", Do: "Name a folder with calendar files."}
	}
	return files, nil
}

// calendarFiles gives the calendar files of a folder and those in it, in the order
// of their names. What cannot be read there is left out; hidden folders are.
func calendarFiles(folder string) ([]string, error) {
	var paths []string
	err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil && path == folder:
			return err
		case err != nil:
			return nil
		case e.IsDir() && path != folder && strings.HasPrefix(e.Name(), "."):
			return fs.SkipDir
		case strings.EqualFold(filepath.Ext(e.Name()), ".ics") && !e.IsDir():
			paths = append(paths, path)
		}
		return nil
	})
	if err != nil || len(paths) == 0 {
		return nil, &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "demo.calendars", Cause: err,
			Say: fmt.Sprintf("There is no .ics file in %s.", folder), Do: "Name a folder with calendar files."}
	}
	return paths, nil
}

func (s *stage) importCalendar(ctx context.Context, path, nick string) (calendarFile, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return calendarFile{}, err
	}
	f := calendarFile{path: path, mailbox: nick + "@" + s.simulator.Tenant.Domain}
	f.from = time.Date(firstYear(content), 1, 1, 0, 0, 0, 0, time.UTC)
	f.to = f.from.AddDate(2, 0, 0)
	_, err = s.outlook.do(ctx, http.MethodPost, s.simulator.Graph+"/v1.0/users", doc{"accountEnabled": true, "displayName": filepath.Base(path),
		"mailNickname": nick, "userPrincipalName": f.mailbox, "passwordProfile": doc{"password": "Calendar-" + nick + "-1!"}})
	if err != nil {
		return f, err
	}
	answer, err := s.outlook.send(ctx, http.MethodPost, s.simulator.Graph+"/sim/import?"+url.Values{"mailbox": {f.mailbox}, "file": {filepath.Base(path)}}.Encode(), "text/calendar", content)
	if err != nil {
		return f, err
	}
	found, _ := answer["findings"].([]any)
	for _, x := range found {
		f.findings = append(f.findings, fmt.Sprint(x))
	}
	s.did("%s", filepath.Base(path))
	return f, nil
}

// nickname is the name of a file's mailbox: that of the file, as far as an address
// may have it, and unlike those that are taken.
func nickname(path string, taken map[string]bool) string {
	name := filepath.Base(path)
	name = strings.ToLower(strings.Trim(unfit().ReplaceAllString(strings.TrimSuffix(name, filepath.Ext(name)), "-"), "-"))
	if name == "" {
		name = "calendar"
	}
	nick := name
	for n := 2; taken[nick]; n++ {
		nick = name + "-" + strconv.Itoa(n)
	}
	taken[nick] = true
	return nick
}

func unfit() *regexp.Regexp { return regexp.MustCompile(`[^A-Za-z0-9]+`) }

// firstYear is the year of the first event of a calendar file, by its text; a
// file without any has this year.
func firstYear(content []byte) int {
	first := time.Now().Year()
	_, events, _ := strings.Cut(string(content), "BEGIN:VEVENT")
	for _, m := range regexp.MustCompile(`(?m)^DTSTART[^:\n]*:(\d{4})`).FindAllStringSubmatch(events, -1) {
		if year, err := strconv.Atoi(m[1]); err == nil && year < first {
			first = year
		}
	}
	return first
}
