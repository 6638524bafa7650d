package judge_test

import (
	"slices"
	"testing"

	"github.com/graphwarden/graphwarden/assess/judge"
)

// TestADoubtfulDenialIsToldAndRefused has the gate stop at what is demanded by a denial, and
// the reader told which sentence was not understood.
func TestADoubtfulDenialIsToldAndRefused(t *testing.T) {
	for _, sentence := range []string{
		"The app will not work unless Directory.ReadWrite.All (application) is granted.", "There is no alternative to Directory.ReadWrite.All (application).",
		"No permissions beyond Directory.ReadWrite.All (application) are requested.", "Falls Directory.ReadWrite.All nicht erteilt wird, läuft nichts.", "| Directory.ReadWrite.All | Application | No | changes accounts |",
	} {
		a := assessed(t, "# Plan\n\n"+sentence+"\n")
		if a.Verdict.Verdict != judge.Refuse {
			t.Errorf("%s: %s (%s)", sentence, a.Verdict.Verdict, a.Verdict.Why)
		}
		i := slices.IndexFunc(a.Findings, func(f judge.Finding) bool { return f.Kind == "denial not understood" })
		if i < 0 || a.Findings[i].Severity != judge.Note || a.Findings[i].About != "Directory.ReadWrite.All" || len(a.Findings[i].Quotes) != 1 {
			t.Errorf("%s: it is not told: %+v", sentence, a.Findings)
		}
	}
	if a := assessed(t, "# Plan\n\nWe do not request Directory.ReadWrite.All.\n"); a.Verdict.Verdict == judge.Refuse {
		t.Errorf("a plain denial is refused: %s", a.Verdict.Why)
	}
}

// TestADeniedFactIsNoFault has what a sentence says be a fault, what it denies none, and what
// cannot be told a question that refuses nothing.
func TestADeniedFactIsNoFault(t *testing.T) {
	right, all := 0, 0
	for _, s := range []struct {
		kind, severity string
		sentences      []string
	}{
		{"password flow", "", []string{
			"Eine Anmeldung mit Benutzername und Kennwort (ROPC) findet nicht statt.", "Auf ROPC wird verzichtet.", "We replaced ROPC with device code.", "ROPC was replaced by device code.", "ROPC is explicitly out of scope.",
			"ROPC does not take place.", "Wir haben ROPC durch den Gerätecode ersetzt.", "Nous avons remplacé ROPC par le code d'appareil.", "Nous n'utilisons pas ROPC.", "ROPC a été supprimé.", "Vi bruger ikke ROPC.", "ROPC bruges ikke.", "Wir verzichten auf ROPC.", "ROPC gibt es nicht.",
			"There is no ROPC.", "We removed ROPC.",
		}},
		{"password flow", "critical", []string{
			"We use ROPC.", "ROPC is used because MFA is not enabled.", "We use ROPC without MFA.", "Sign-in is by user name and password, not by single sign-on.", "Die Anmeldung erfolgt mit ROPC.", "ROPC est utilisé.", "ROPC bruges.", "MFA is not supported with ROPC.", "ROPC replaced the device code.",
		}},
		{"password flow", "medium", []string{
			"ROPC is not forbidden.", "We cannot avoid ROPC.", "If ROPC is not used, the sign-in fails.", "ROPC kann nicht vermieden werden.", "There is no alternative to ROPC.", "The sign-in does not work unless ROPC is allowed.", "On ne peut pas se passer de ROPC.", "Det går ikke uden ROPC.",
		}},
		{"secret expiry", "", []string{"The client secret does not live for ever.", "Secrets must not be set to never expire."}},
		{"secret expiry", "critical", []string{"The client secret never expires.", "Das Geheimnis läuft nie ab.", "Select Never.", "Expiry: never.", "It never expires.", "Le secret n'expire jamais.", "Hemmeligheden udløber aldrig."}},
		{"secret expiry", "medium", []string{"Passwords never expire in our portal.", "The session never expires.", "Die Sitzung läuft nie ab.", "L'invitation n'expire jamais.", "Linket udløber aldrig."}},
		{"secret expiry", "critical", []string{
			"Das Secret läuft nie ab.", "Die Secrets laufen niemals ab.", "Das Geheimnis hat kein Ablaufdatum.", "Le secret client n'expire jamais.", "Klienthemmeligheden udløber aldrig.", "Klienthemmeligheten utløper aldri.", "Klienthemligheten upphör aldrig att gälla.", "Hemligheten går aldrig ut.", "El secreto de cliente no caduca nunca.",
			"El secreto nunca expira.", "Het clientgeheim verloopt nooit.", "Il segreto client non scade mai.", "Sekret klienta nigdy nie wygasa.", "O segredo do cliente nunca expira.", "Salaisuus ei vanhene koskaan.", "クライアント シークレットの有効期限: なし", "Ablauf des Clientgeheimnisses: nie", "Expiration du secret : jamais",
			"Caducidad del secreto: nunca", "Vervaldatum geheim: nooit", "Scadenza del segreto: mai", "Wygaśnięcie sekretu: nigdy", "Secret laeuft nie ab", "Die Gültigkeit des Secrets ist unbegrenzt.", "Le secret est valable indéfiniment.", "El secreto no vence.",
		}},
		{"secret expiry", "medium", []string{"La sesión no caduca.", "La sessione non scade mai.", "Sesja nigdy nie wygasa.", "De sessie verloopt nooit.", "Inbjudan går aldrig ut."}},
		{"secret expiry", "", []string{"Das Secret ist 90 Tage gültig.", "Le secret expire au bout de 6 mois.", "Das Secret darf nicht ohne Ablaufdatum angelegt werden.", "Il segreto scade dopo 3 mesi.", "Die Gültigkeit des Secrets ist nicht unbegrenzt.", "Klienthemmeligheden udløber efter 90 dage."}},
		{"secret term", "medium", []string{
			"Das Secret ist 24 Monate gültig.", "Der Clientschlüssel läuft nach 2 Jahren ab.", "Le secret est valable 2 ans.", "Le secret expire au bout de 24 mois.", "Klienthemmeligheden udløber efter 24 måneder.", "Hemligheten är giltig i 12 månader.",
			"El secreto caduca a los 24 meses.", "Il segreto scade dopo 24 mesi.", "Het clientgeheim is 2 jaar geldig.", "Sekret jest ważny 24 miesiące.", "O segredo expira em 24 meses.",
		}},
		{"secret term", "", []string{"Das Secret ist 90 Tage gültig.", "Le secret expire au bout de 6 mois.", "Das Secret darf nicht ohne Ablaufdatum angelegt werden.", "Il segreto scade dopo 3 mesi.", "Die Gültigkeit des Secrets ist nicht unbegrenzt.", "Klienthemmeligheden udløber efter 90 dage."}},
		{"administrator roles", "", []string{
			"The consent is granted by a Global Administrator; the service account itself has no role.", "Die Zustimmung wird von einem globalen Administrator erteilt.", "Le consentement est donné par un administrateur général.", "Samtykket gives af en global administrator.", "No Global Administrator is needed.",
		}},
		{"administrator roles", "critical", []string{"The service account is a Global Administrator.", "Das Dienstkonto ist globaler Administrator.", "The mailbox is opened by a Global Administrator.", "The service account must be a Global Administrator, so that consent is granted."}},
		{"impersonation", "high", []string{"The service account holds the role ApplicationImpersonation."}},
		{"impersonation", "", []string{"The role ApplicationImpersonation is not used."}},
	} {
		for _, sentence := range s.sentences {
			all++
			got := ""
			for _, f := range assessed(t, "# Mail.Read\n\n"+sentence+"\n").Findings {
				if f.Kind == s.kind && (f.Severity.Rank() > 0) {
					got = string(f.Severity)
				}
			}
			if got != s.severity {
				t.Errorf("%s: %s %q, not %q", sentence, s.kind, got, s.severity)
			} else {
				right++
			}
		}
	}
	t.Logf("%d of %d sentences", right, all)
}
