package assess_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/assess"
	"github.com/graphwarden/graphwarden/assess/judge"
	"github.com/graphwarden/graphwarden/catalog"
)

// samePlan is one plan in eight languages, sentence by sentence.
func samePlan() map[string]string {
	return map[string]string{
		"English": `# The product and Microsoft 365

The product retrieves emails, sends reminders, and calendar management is automatic.

- Mail.Read (application): reads emails of the support mailbox
- Calendars.ReadWrite (application): creates appointments
- Mail.Send (application): sends reminders

Sign-in is by user name and password. The secret is set to expire never.
Copy the client secret into the form. A Global Administrator runs the service.
Conditional Access is possible. Data are encrypted. We follow GDPR. Data are retained.
We ask for only the permissions that are needed. There are regular reviews.`,
		"German": `# Das Produkt und Microsoft 365

Das Produkt ruft E-Mails ab, verschickt Erinnerungen, und der Kalenderabgleich geschieht von selbst.

- Mail.Read (Anwendung): liest E-Mails des Postfachs
- Calendars.ReadWrite (Anwendung): trägt Termine ein und aktualisiert sie
- Mail.Send (Anwendung): verschickt Erinnerungen

Angemeldet wird mit Benutzername und Kennwort. Das Geheimnis läuft nie ab.
Kopieren Sie den geheimen Clientschlüssel. Ein globaler Administrator betreibt den Dienst.
Bedingter Zugriff ist möglich. Daten werden verschlüsselt. Wir folgen der DSGVO. Daten werden aufbewahrt.
Wir verlangen nur die nötigen Rechte. Es gibt eine regelmäßige Überprüfung.`,
		"Danish": `# Produktet og Microsoft 365

Produktet henter e-mails, sender e-mails som påmindelser, og kalendersynkronisering sker af sig selv.

- Mail.Read (application): læser mails i postkassen
- Calendars.ReadWrite (application): opretter aftaler
- Mail.Send (application): sender påmindelser

Der logges på med brugernavn og adgangskode. Hemmeligheden udløber aldrig.
Kopier klienthemmeligheden. En global administrator driver tjenesten.
Betinget adgang er mulig. Data krypteres. Vi følger GDPR. Data opbevares.
Vi beder om kun de nødvendige rettigheder. Der er regelmæssig gennemgang.`,
		"Swedish": `# Produkten och Microsoft 365

Produkten hämtar e-post, skickar påminnelser, och kalendersynkronisering sker av sig själv.

- Mail.Read (application): läser e-post i postlådan
- Calendars.ReadWrite (application): skapar möten
- Mail.Send (application): skickar påminnelser

Man loggar in med användarnamn och lösenord. Hemligheten går aldrig ut, den upphör aldrig.
Kopiera klienthemligheten. En global administratör sköter tjänsten.
Villkorlig åtkomst är möjlig. Data krypteras. Vi följer GDPR. Data bevaras.
Vi begär endast de behörigheter som behövs. Det finns en regelbunden granskning.`,
		"Dutch": `# Het product en Microsoft 365

Het product haalt e-mails op, verstuurt herinneringen, en agendasynchronisatie gaat vanzelf.

- Mail.Read (application): leest e-mails van de mailbox
- Calendars.ReadWrite (application): afspraken worden bijgewerkt
- Mail.Send (application): verstuurt herinneringen

Aanmelden gaat met gebruikersnaam en wachtwoord. Het geheim verloopt nooit.
Kopieer het clientgeheim. Een globale beheerder draait de dienst.
Voorwaardelijke toegang is mogelijk. Data worden versleuteld. Wij volgen de AVG. Data worden bewaard.
Wij vragen alleen de nodige rechten. Er is een periodieke controle.`,
		"Norwegian": `# Produktet og Microsoft 365

Produktet henter e-post, sender påminnelser, og kalendersynkronisering skjer av seg selv.

- Mail.Read (application): leser e-post i postboksen
- Calendars.ReadWrite (application): oppretter avtaler
- Mail.Send (application): sender påminnelser

Man logger på med brukernavn og passord. Hemmeligheten utløper aldri, utløp: aldri.
Kopier klienthemmeligheten. En global administrator driver tjenesten.
Betinget tilgang er mulig. Data krypteres. Vi følger GDPR. Data oppbevares.
Vi ber om kun de nødvendige tillatelsene. Det er regelmessig gjennomgang.`,
		"French": `# Le produit et Microsoft 365

Le produit récupère les courriels, envoie des rappels, et synchronise le calendrier.

- Mail.Read (application) : lit les courriels de la boîte
- Calendars.ReadWrite (application) : crée des rendez-vous
- Mail.Send (application) : envoie des rappels

On se connecte avec le nom d'utilisateur et le mot de passe. Le secret n'expire jamais.
Copiez le secret du client. Un administrateur général exploite le service.
L'accès conditionnel est possible. Les données sont chiffrées. Nous suivons le RGPD. Les données sont conservées.
Nous demandons uniquement les droits nécessaires. Il y a une revue périodique.`,
		"Spanish": `# El producto y Microsoft 365

El producto recupera correos, envía recordatorios por correo y sincroniza el calendario.

- Mail.Read (application): lee los correos del buzón
- Calendars.ReadWrite (application): crea citas
- Mail.Send (application): envía recordatorios

Se inicia sesión con usuario y contraseña. El secreto no caduca.
Copie el secreto del cliente. Un administrador global opera el servicio.
El acceso condicional es posible. Los datos son cifrados. Seguimos el RGPD. Los datos se conservan.
Pedimos solo los permisos necesarios. Hay una revisión periódica.`,
	}
}

// TestAPlanMeansTheSameInEveryLanguage reads the same plan in eight languages: the
// flows, the least set and the judged statements are the same.
func TestAPlanMeansTheSameInEveryLanguage(t *testing.T) {
	kinds := []string{"password flow", "secret expiry", "secret", "administrator roles", "conditional access", "encryption", "laws", "retention", "review"}
	for language, text := range samePlan() {
		t.Run(language, func(t *testing.T) {
			a, err := assess.Document(catalog.Load(), "plan.md", strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			var flows []string
			for _, f := range a.Flows {
				flows = append(flows, f.ID)
				if f.ID == "calendar" && !slices.Contains(f.Operations, "POST /users/{id}/events") {
					t.Errorf("calendars are only read: %v", f.Operations)
				}
			}
			slices.Sort(flows)
			if want := []string{"calendar", "mail", "sending"}; !slices.Equal(flows, want) {
				t.Errorf("flows %v, want %v", flows, want)
			}
			if got, want := members(a.LeastSet), "Calendars.ReadWrite/a, Mail.Read/a, Mail.Send/a"; got != want {
				t.Errorf("least set %s, want %s", got, want)
			}
			wide, err := assess.Document(catalog.Load(), "plan.md", strings.NewReader(text+"\n\n- Directory.ReadWrite.All (application)\n"))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(wide.Findings, func(f judge.Finding) bool { return f.Kind == "promise not kept" }) {
				t.Error("a promise of little rights is not held against a wide one")
			}
			for _, k := range kinds {
				if !slices.ContainsFunc(a.Findings, func(f judge.Finding) bool { return f.Kind == k }) {
					t.Errorf("%s is not said", k)
				}
			}
		})
	}
}
