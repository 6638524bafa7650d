package judge

import (
	"fmt"
	"strings"
	"sync"

	"github.com/graphwarden/graphwarden/assess/find"
	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
)

// verbs are those with which a use begins, in the languages of package tongue.
type verbs struct{ read, write, send, fetched *find.Pattern }

var verb = sync.OnceValue(func() verbs {
	return verbs{
		read:  begins(`reads?|reading|fetch(?:es)?|retriev\w*|monitor\w*|lists?|shows?|liest|lesen|ruft|zeigt|læser|henter|leser|läser|hämtar|leest|haalt|lit|lire|récupère|lee|leer|recupera`),
		write: begins(`creat\w+|writ\w+|updat\w+|uploads?|uploading|stor(?:es?|ing)|deletes?|deleting|edits?|schreibt|erstellt|aktualisiert|speichert|löscht|ändert|trägt|legt|opretter|opdaterer|gemmer|sletter|skriver|oppretter|oppdaterer|lagrer|skapar|uppdaterar|sparar|schrijft|wijzigt|verwijdert|slaat|crée|créer|écrit|écrire|modifie|supprime|enregistre|crea|crear|escribe|escribir|actualiza|elimina|guarda`),
		send:  begins(`sends?|sending|mails|reminders?|notif\w+|erinnerung\w*|benachrichtigung\w*|påmindelser|påminnelser|herinneringen|rappels|recordatorios|versendet|verschickt|versenden|sendet|sender|skickar|verstuurt|verzendt|envoie|envoyer|envoi|envía|enviar|envío`),
		// what begins with "Mails" and goes on so is about mails, and sends none
		fetched: re(`^\W*mails\b.{0,40}(?:\b(?:lesen|gelesen|lädt|læse?r?|læses|läsa|läses|hente[rs]?|hämta[rs]?|lezen|gelezen|ophalen|read|are|is|from|of|in|aus|der|des|im)\b|abruf|abgeruf|abhol|archivier|importier|durchsuch|auswert|verarbeit)`),
	}
})

// begins looks for a verb at the beginning of a use, or joined to the one there.
func begins(words string) *find.Pattern {
	return re(`^\W*(?:[\wæøåäöüßéè]+ (?:and|und|og|och|en|et|y) )?(?:` + words + `)(?:[\s,.;:]|$)`)
}

// kinds are what permissions open, and by which words a use speaks of it.
type openedKind struct {
	families, what string
	nouns          *find.Pattern
}

var openedKinds = sync.OnceValue(func() []openedKind {
	return []openedKind{
		{"Mail", "mail", re(`\be-?mails?\b|\bmails?\b|e-post|\bmejl|courriels?|\bcorreos?\b|\binbox\b|posteingang|indbakke|innboks|inkorg`)},
		{"Calendars", "calendars", re(`calendars?\b|appointments?\b|meetings?\b|kalender|\btermine?\b|\baftale|\bavtale|\bmøde|\bmøte|\bmöte|\bagenda\b|afspra|calendrier|rendez-vous|réunion|calendario|\bcitas?\b|reuni[oó]n`)},
		{"Contacts", "contacts", re(`\bcontacts?\b|address book|\bkontakt|adressbuch|contacten|contactos?`)},
		{"Files Sites", "files", re(`\bfiles?\b|\bdocuments?\b|dateien|dokument|\bfiler\b|bestanden|documenten|fichiers?|archivos?|documentos?`)},
		{"Chat ChatMessage", "chats", re(`\bchats?\b`)},
	}
})

// few is how many words of a use tell what is done to what.
const few = 5 // "creates and updates appointments in"

// serves compares what a permission opens, and whether it reads, writes or sends, with
// what the first words of its use speak of.
func (q *Permission) serves(c *catalog.Catalog) {
	use := strings.Fields(strings.ToLower(q.use))
	if len(use) == 0 || q.FoundBy == plan.ByFamily {
		return
	}
	start := startOf(use)
	family, action, _ := strings.Cut(q.Name, ".")
	action, _, _ = strings.Cut(action, ".")
	only := action == "Read" || action == "ReadBasic"
	switch d := verb(); {
	case action == "Send" && d.read.MatchString(start) && !d.send.MatchString(start):
		q.add([]string{"name", "use"}, cannotServe, "it only sends; Mail.Read reads")
	case family == "Mail" && action != "Send" && sends(start):
		q.add([]string{"name", "use"}, cannotServe, "it does not send; Mail.Send does")
	case only && d.write.MatchString(start):
		q.add([]string{"name", "use"}, cannotServe, "it only reads"+writer(c, q.Name))
	case action != "Send":
		q.opensOther(family, use)
	}
}

// begunBySending says whether the use of a permission that does not send begins with
// sending, which it cannot serve.
func begunBySending(q *Permission) bool {
	return !strings.Contains(q.Name, "Send") && sends(startOf(strings.Fields(strings.ToLower(q.use))))
}

// sends says whether a use begins with sending; "Mails lesen" begins with a noun.
func sends(start string) bool {
	return verb().send.MatchString(start) && !verb().fetched.MatchString(start)
}

// startOf are the first words of a use.
func startOf(use []string) string { return strings.Join(use[:min(few, len(use))], " ") }

// writer names the permission that writes what one reads.
func writer(c *catalog.Catalog, name string) string {
	w := strings.Replace(name, ".Read", ".ReadWrite", 1)
	if _, ok := c.Permission(w); !ok || w == name {
		return ""
	}
	return "; " + w + " writes"
}

// opensOther says so where the use speaks of one kind of data and the permission opens
// another.
func (q *Permission) opensOther(family string, use []string) {
	switch use[0] {
	case "documents", "files", "contacts", "chats", "mails": // verbs as well
		use = use[1:]
	}
	start := startOf(use)
	var own, other string
	for _, k := range openedKinds() {
		mine := strings.Contains(" "+k.families+" ", " "+family+" ")
		speaks := k.nouns.MatchString(start)
		switch {
		case mine && speaks, speaks && other != "":
			return
		case mine:
			own = k.what
		case speaks:
			other = k.what
		}
	}
	if own != "" && other != "" {
		q.add([]string{"name", "use"}, cannotServe, fmt.Sprintf("it opens %s; the use speaks of %s", own, other))
	}
}
