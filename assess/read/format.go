package read

import (
	"path"
	"strings"
)

// formatOf tells the format by what stands in the text; the name's extension decides
// where that could be either.
func formatOf(name, s string) string {
	start := strings.ToLower(strings.TrimSpace(head(s, 4096)))
	lines := strings.SplitN(head(s, 1<<20), "\n", codeLines)
	ext := strings.ToLower(path.Ext(name))
	switch {
	case strings.HasPrefix(start, "{") && strings.Contains(s, "requiredResourceAccess"), strings.HasPrefix(start, "[") && strings.Contains(s, "resourceAppId"):
		return Manifest
	case strings.HasPrefix(start, "{\n"), strings.HasPrefix(start, "{\""), strings.HasPrefix(start, "{ "), strings.HasPrefix(start, "[{"), strings.HasPrefix(start, "[\n"):
		return JSON
	case looksPage(start), tagged(start) && (ext == ".html" || ext == ".htm" || ext == ".xhtml"):
		return HTML
	case strings.HasPrefix(start, "https://") && !strings.Contains(strings.TrimSpace(s), "\n"):
		return Address
	case separated(lines), ext == ".csv", ext == ".tsv":
		return CSV
	case ext == ".md", ext == ".markdown":
		return Markdown
	case ext == ".ps1", ext == ".psm1", ext == ".sh", ext == ".tf", ext == ".bicep", program(lines):
		return Code
	}
	return Text
}

// looksPage says whether a text begins as a page does.
func looksPage(start string) bool {
	for _, tag := range []string{"<!doctype html", "<html", "<?xml", "<table", "<div", "<body", "<head"} {
		if strings.HasPrefix(start, tag) {
			return true
		}
	}
	return strings.Contains(start, "<body") || strings.Contains(start, "<!doctype html")
}

// tagged says whether a text has tags at all.
func tagged(start string) bool {
	return strings.Contains(start, "</") || strings.Contains(start, "/>") || strings.Contains(start, "<p") || strings.Contains(start, "<br")
}

// separated says whether lines are a table whose cells a semicolon, a comma or a tab
// parts: the first names columns, and those below have as many.
func separated(lines []string) bool {
	var first string
	n, rows := 0, 0
	for _, l := range lines {
		if strings.TrimSpace(l) == "" {
			continue
		}
		if first == "" {
			first = l
			blocks := readCSV(first)
			if len(blocks) != 1 || heads(&blocks[0]) < 2 || strings.Contains(first, "|") {
				return false
			}
			n = len(blocks[0].cells)
			continue
		}
		if rows++; rows > 3 {
			break
		}
		if strings.Count(l, string(separator(first))) < n-1 {
			return false
		}
	}
	return rows > 0
}
