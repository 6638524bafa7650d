package read_test

import (
	"slices"
	"testing"

	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/assess/read"
	"github.com/graphwarden/graphwarden/catalog"
)

// sentences name Mail.ReadWrite and deny that it is asked for, or do not; those that do
// not hold a word that denies, a condition or a restriction.
func sentences() (denied, asked []string) {
	denied = []string{
		// English
		"We do not request Mail.ReadWrite.", "The connector does not currently ask for Mail.ReadWrite.", "Mail.ReadWrite is not requested.", "Mail.ReadWrite is no longer used.",
		"Mail.ReadWrite has never been granted.", "Mail.ReadWrite was removed in version 5.", "We removed Mail.ReadWrite.", "Please remove Mail.ReadWrite from the registration.",
		"No Mail.ReadWrite is requested.", "The product works without Mail.ReadWrite.", "We ask for neither Mail.ReadWrite nor Notes.Read.", "Notes.Create and Mail.ReadWrite are not required.",
		"Mail.ReadWrite (delegated) is not needed, because replies go by another product.", "Mail.ReadWrite is explicitly out of scope.", "Mail.ReadWrite: not requested", "Not requested: Mail.ReadWrite",
		"We never use Mail.ReadWrite.", "Mail.ReadWrite is unnecessary.", "The app doesn't need Mail.ReadWrite; it reads nothing.",
		// German
		"Wir fordern Mail.ReadWrite nicht an.", "Mail.ReadWrite wird nicht benötigt.", "Mail.ReadWrite wird ausdrücklich nicht verlangt.", "Es wird kein Mail.ReadWrite benötigt.", "Auf Mail.ReadWrite wird verzichtet.",
		"Wir verzichten auf Mail.ReadWrite.", "Mail.ReadWrite wurde entfernt.", "Mail.ReadWrite brauchen wir nicht.", "Weder Mail.ReadWrite noch Notes.Read wird angefordert.", "Das Produkt arbeitet ohne Mail.ReadWrite.",
		"Mail.ReadWrite ist nicht erforderlich, weil nur Termine gelesen werden.", "Die Berechtigung Mail.ReadWrite entfällt.",
		// French
		"Nous ne demandons pas Mail.ReadWrite.", "Nous ne demandons ni Mail.ReadWrite ni Notes.Read.", "Mail.ReadWrite n'est pas demandée.", "Mail.ReadWrite n'est plus utilisée.", "L'application n'utilise jamais Mail.ReadWrite.",
		"L'application fonctionne sans Mail.ReadWrite.", "Mail.ReadWrite a été supprimée.", "Mail.ReadWrite n'est pas requise.", "Nous n'avons plus besoin de Mail.ReadWrite.",
		// Danish
		"Vi beder ikke om Mail.ReadWrite.", "Mail.ReadWrite kræves ikke.", "Mail.ReadWrite bruges ikke længere.", "Vi beder hverken om Mail.ReadWrite eller Notes.Read.", "Mail.ReadWrite er fjernet.",
		"Mail.ReadWrite bruger vi ikke.", "Produktet virker uden Mail.ReadWrite.", "Der anmodes ikke om Mail.ReadWrite.",
	}
	asked = []string{
		// English
		"The app will not work unless Mail.ReadWrite (application) is granted.", "Mail.ReadWrite (delegated) does not require admin consent.", "If Mail.ReadWrite is not granted, letters stay where they are.",
		"There is no alternative to Mail.ReadWrite.", "There is no way around Mail.ReadWrite.", "Mail.ReadWrite cannot be avoided.", "Mail.ReadWrite is not optional.", "No permissions beyond Mail.ReadWrite are requested.",
		"Mail.ReadWrite (application) does not store mail.", "It is not just Mail.ReadWrite.", "Mail.ReadWrite: not required for reading, required for onboarding.", "No permission other than Mail.ReadWrite is used.",
		"Mail.ReadWrite must not be missing.", "Mail.ReadWrite is not used until the administrator consents.", "Users do not see Mail.ReadWrite.", "We do not believe that Mail.ReadWrite is needed.",
		"It is not enough to ask for Mail.ReadWrite.", "We cannot do without Mail.ReadWrite.", "The connector is useless without Mail.ReadWrite.", "Without Mail.ReadWrite, letters stay where they are.", "Mail.ReadWrite should not be removed.",
		"Mail.ReadWrite is not always required.", "Nobody may doubt that Mail.ReadWrite is needed.", "We do not ask for less than Mail.ReadWrite.", "Mail.ReadWrite is not granted automatically.", "Mail.ReadWrite removes duplicates.",
		"It does not need Mail.ReadWrite unless folders are kept.", "No Mail.ReadWrite, no filing of letters.", "Do not request Mail.ReadWrite without a ticket.", "Mail.ReadWrite is not used by guests.",
		"The setup fails when no consent for Mail.ReadWrite was given.",
		// German
		"Wir verlangen keine weiteren Rechte als Mail.ReadWrite.", "Falls Mail.ReadWrite nicht erteilt wird, bleibt das Postfach leer.", "Mail.ReadWrite ist nicht optional.", "Auf Mail.ReadWrite kann nicht verzichtet werden.",
		"Mail.ReadWrite speichert keine Post.", "Ohne Mail.ReadWrite bleibt das Postfach leer.", "Mail.ReadWrite wird nicht nur zum Lesen benötigt.", "Es geht nicht ohne Mail.ReadWrite.", "Mail.ReadWrite darf nicht fehlen.",
		"Um Mail.ReadWrite führt kein Weg herum.", "Mail.ReadWrite benötigt keine Zustimmung.", "Mail.ReadWrite wird nicht benötigt, es sei denn, es wird abgelegt.",
		// French
		"Si Mail.ReadWrite n'est pas accordée, rien ne marche.", "Mail.ReadWrite n'est pas facultative.", "Nous ne demandons que Mail.ReadWrite.", "Nous ne demandons pas d'autre droit que Mail.ReadWrite.",
		"Mail.ReadWrite ne conserve pas de courriels.", "On ne peut pas se passer de Mail.ReadWrite.", "Aucune autorisation autre que Mail.ReadWrite n'est demandée.", "Sans Mail.ReadWrite, le classement est vide.",
		"Mail.ReadWrite n'est pas seulement utilisée pour lire.",
		// Danish
		"Vi beder ikke om andet end Mail.ReadWrite.", "Vi bruger ikke andet end Mail.ReadWrite.", "Hvis Mail.ReadWrite ikke gives, vises ingen breve.", "Mail.ReadWrite kan ikke undværes.", "Mail.ReadWrite gemmer ikke post.",
		"Det går ikke uden Mail.ReadWrite.", "Mail.ReadWrite er ikke valgfri.", "Uden Mail.ReadWrite er arkivet tomt.",
	}
	return denied, asked
}

// laterSentences were written when the grammar of denials stood, and read once before it was
// mended: 50 of 54 that ask and 27 of 30 that deny were told right then.
func laterSentences() (denied, asked []string) {
	denied = []string{
		"Our product does not use Mail.ReadWrite.", "We have dropped Mail.ReadWrite.", "Mail.ReadWrite will not be requested.", "Mail.ReadWrite isn't used.",
		"The bot neither needs Mail.ReadWrite nor Mail.Send.", "Mail.ReadWrite and Mail.Send were removed.", "Mail.ReadWrite, Mail.Send: not used", "None of these is requested: Mail.ReadWrite, Mail.Send.",
		"There is no need for Mail.ReadWrite.", "Wir brauchen kein Mail.ReadWrite.", "Wir benötigen Mail.ReadWrite nicht.", "Mail.ReadWrite wird nicht angefordert.", "Mail.ReadWrite: wird nicht verwendet",
		"Nicht benötigt: Mail.ReadWrite", "Mail.ReadWrite ist überflüssig.", "Nous n'avons pas besoin de Mail.ReadWrite.", "Mail.ReadWrite ne sera pas demandée.", "Aucune demande de Mail.ReadWrite.",
		"Mail.ReadWrite n'est plus nécessaire depuis la version 3.", "Vi bruger ikke Mail.ReadWrite.", "Mail.ReadWrite er ikke nødvendig.", "Mail.ReadWrite anvendes ikke.", "Vi har fjernet Mail.ReadWrite.",
		"## Not requested\n\n- Mail.ReadWrite", "## Permissions we do not need\n\n- Mail.ReadWrite", "## Nicht benötigte Berechtigungen\n\n- Mail.ReadWrite",
		"## Autorisations non demandées\n\n- Mail.ReadWrite", "## Removed\n\n- Mail.ReadWrite", "Vi beder ikke om:\n\n- Mail.ReadWrite",
	}
	asked = []string{
		"Mail.Read cannot replace Mail.ReadWrite.", "Do not replace Mail.ReadWrite.", "We do not only need Mail.ReadWrite but Mail.Send.", "Mail.ReadWrite is needed, not merely nice to have.",
		"Removing Mail.ReadWrite stops the sync.", "Never remove Mail.ReadWrite.", "Once Mail.ReadWrite was removed, the product failed.", "Mail.ReadWrite was removed by mistake and must be granted again.",
		"No one can file letters without Mail.ReadWrite.", "Mail.ReadWrite is not a luxury.", "You will not regret Mail.ReadWrite.", "It is impossible to leave out Mail.ReadWrite.",
		"Mail.ReadWrite isn't negotiable.", "Please don't reject Mail.ReadWrite.", "Mail.ReadWrite is not requested at first sign-in, but later.", "Mail.ReadWrite is not granted by default.",
		"Mail.ReadWrite is not yet granted; grant it.", "Mail.ReadWrite not granted? Ask your administrator.", "Mail.ReadWrite was never revoked.",
		"The administrator did not grant Mail.ReadWrite, so please do it.", "Mail.ReadWrite has not been granted; please consent.", "No consent was given for Mail.ReadWrite.",
		"We use Mail.ReadWrite with no exception.", "Our app has no rights in your tenant, it just uses Mail.ReadWrite.", "Mail.ReadWrite wird nicht automatisch erteilt.",
		"Mail.ReadWrite ist unverzichtbar.", "Mail.ReadWrite ist kein Wunsch, sondern Pflicht.", "Nicht ohne Grund verlangen wir Mail.ReadWrite.", "Mail.ReadWrite darf nicht entfernt werden.",
		"Nous n'utilisons rien d'autre que Mail.ReadWrite.", "Mail.ReadWrite ne doit pas être supprimée.", "Il n'y a pas d'alternative à Mail.ReadWrite.",
		"À moins que Mail.ReadWrite ne soit accordée, rien ne fonctionne.", "Uden Mail.ReadWrite virker produktet ikke.", "Der er ingen vej uden om Mail.ReadWrite.", "Mail.ReadWrite må ikke fjernes.",
		"Vi kan ikke undvære Mail.ReadWrite.", "Vi beder ikke om mere end Mail.ReadWrite.", "Medmindre Mail.ReadWrite gives, sker intet.", "| Mail.ReadWrite | Delegated | No | files letters |",
		"| Permission | Optional |\n|---|---|\n| Mail.ReadWrite | No |", "No permissions beyond these are requested:\n\n- Mail.ReadWrite", "Not optional:\n\n- Mail.ReadWrite",
		"## No way around\n\n- Mail.ReadWrite", "Does Mail.ReadWrite store mail? No.", "We ask for Mail.ReadWrite, no more.", "We ask for Mail.ReadWrite and nothing else.",
		"Mail.ReadWrite is not used except for filing.", "Mail.ReadWrite is needed because Mail.Read is not enough.", "Mail.ReadWrite does not need consent by a user.",
		"Mail.ReadWrite does not use tokens of users.", "We do not use Mail.Read and require Mail.ReadWrite.", "Mail.Read is not used, Mail.ReadWrite is.", "Not requested: anything beyond Mail.ReadWrite.",
	}
	return denied, asked
}

// lastSentences were written after those and read once before anything was mended: 44 of 45
// that ask and all 15 that deny were told right.
func lastSentences() (denied, asked []string) {
	denied = []string{
		"We don't use Mail.ReadWrite anymore.", "Mail.ReadWrite has been removed.", "This version no longer requests Mail.ReadWrite.", "Mail.ReadWrite: removed", "Mail.ReadWrite - not used",
		"No se solicita Mail.ReadWrite.", "Mail.ReadWrite wordt niet gebruikt.", "Wij vragen geen Mail.ReadWrite.", "Mail.ReadWrite används inte.", "Vi begär inte Mail.ReadWrite.",
		"Non usiamo Mail.ReadWrite.", "Não usamos Mail.ReadWrite.", "Nie wymagamy Mail.ReadWrite.", "Mail.ReadWrite brukes ikke.", "Mail.ReadWrite is never requested.",
	}
	asked = []string{
		"Do not deploy before Mail.ReadWrite is granted.", "Mail.ReadWrite should not be dropped.", "Mail.ReadWrite is required and was never removed.", "We removed the limit of Mail.ReadWrite.",
		"Remove the filter, then grant Mail.ReadWrite.", "We dropped Mail.Send, Mail.ReadWrite stays.", "Mail.ReadWrite is not used today but tomorrow.", "No customer complained about Mail.ReadWrite.",
		"The scope Mail.ReadWrite is not a problem.", "It isn't enough: Mail.ReadWrite is needed.", "Not requested by default: Mail.ReadWrite is added on demand.",
		"Mail.ReadWrite is not needed by the reader, the writer needs it.", "Mail.ReadWrite was replaced and is now back.", "Mail.ReadWrite is never shown but used.",
		"Users must never remove Mail.ReadWrite.", "Mail.ReadWrite (not Mail.Read) is used.", "No app can use Mail.ReadWrite without consent.", "We will not use Mail.ReadWrite for anything but filing.",
		"It is not used, that is Mail.ReadWrite's fate without consent.", "Mail.ReadWrite is not required to read, it is to write.", "Nothing but Mail.ReadWrite is requested.", "None but Mail.ReadWrite.",
		"We want no more than Mail.ReadWrite.", "Without further permissions than Mail.ReadWrite it works.", "No se puede prescindir de Mail.ReadWrite.", "No pedimos más que Mail.ReadWrite.",
		"Si no se concede Mail.ReadWrite, no funciona.", "Mail.ReadWrite no es opcional.", "Niet zonder Mail.ReadWrite.", "Mail.ReadWrite kan niet worden gemist.", "Utan Mail.ReadWrite fungerar inget.",
		"Mail.ReadWrite är inte valfritt.", "Vi begär inget annat än Mail.ReadWrite.", "Mail.ReadWrite non è facoltativo.", "Senza Mail.ReadWrite non funziona.", "Não pedimos nada além de Mail.ReadWrite.",
		"Ohne Zustimmung wird Mail.ReadWrite nicht erteilt.", "Mail.ReadWrite wird nicht von uns, sondern vom Administrator erteilt.", "Wir wollen nicht weniger als Mail.ReadWrite.",
		"Kein Weg führt an Mail.ReadWrite vorbei.", "Mail.ReadWrite ist nicht überflüssig.", "Mail.ReadWrite n'est pas inutile.", "Mail.ReadWrite er ikke overflødig.", "Mail.ReadWrite is not unnecessary.",
		"Mail.ReadWrite is not out of scope.",
	}
	return denied, asked
}

// TestADenialIsOneOfTheAsking tells sentences that deny that a permission is asked for from
// those whose denial is of something else, or under a condition.
func TestADenialIsOneOfTheAsking(t *testing.T) {
	denied, asked := sentences()
	later, also := laterSentences()
	last, again := lastSentences()
	denied, asked = slices.Concat(denied, later, last), slices.Concat(asked, also, again)
	right := 0
	for _, set := range []struct {
		want plan.Status
		all  []string
	}{{plan.Negated, denied}, {plan.Asked, asked}} {
		for _, s := range set.all {
			p, err := read.Bytes(catalog.Load(), "p.md", []byte("The plan.\n\n"+s+"\n"))
			if err != nil {
				t.Fatal(err)
			}
			found := false
			for _, m := range p.Mentions {
				if m.Name == "Mail.ReadWrite" {
					found = true
					if m.Status != set.want {
						t.Errorf("%s: %s, not %s", s, m.Status, set.want)
					} else {
						right++
					}
				}
			}
			if !found {
				t.Errorf("%s: Mail.ReadWrite is not found", s)
			}
		}
	}
	t.Logf("%d of %d sentences, %d of them denials", right, len(denied)+len(asked), len(denied))
}

// TestAnAnswerDeniesWhatItsQuestionAsks tells questions whether a permission is asked for
// from those to which a no says that it is needed.
func TestAnAnswerDeniesWhatItsQuestionAsks(t *testing.T) {
	for text, want := range map[string]plan.Status{
		"Do you need Mail.ReadWrite? No.": plan.Negated, "Braucht das Produkt Mail.ReadWrite?\n\nNein.": plan.Negated, "Is Mail.ReadWrite requested? Never.": plan.Negated,
		"Why do you not ask for Mail.ReadWrite?": plan.Negated, "Hvorfor ikke Mail.ReadWrite?": plan.Negated, "Warum genügt Mail.ReadWrite nicht?": plan.Negated,
		"Does it work without Mail.ReadWrite? No.": plan.Asked, "Does it work without Mail.ReadWrite?\n\nNo. It stores with Mail.ReadWrite.": plan.Asked, "Can Mail.ReadWrite be avoided? No.": plan.Asked,
		"Geht es ohne Mail.ReadWrite?\n\nNein.": plan.Asked, "Is Mail.ReadWrite optional? No.": plan.Asked, "Do you need less than Mail.ReadWrite? No.": plan.Asked,
		"Why does it not work without Mail.ReadWrite?": plan.Asked, "Why can Mail.ReadWrite not be avoided?": plan.Asked,
	} {
		p, err := read.Bytes(catalog.Load(), "p.txt", []byte("The plan.\n\n"+text+"\n"))
		if err != nil || len(p.Mentions) == 0 {
			t.Fatalf("%s: %v", text, err)
		}
		for _, m := range p.Mentions {
			if m.Status != want {
				t.Errorf("%s: %s, not %s", text, m.Status, want)
			}
		}
	}
}
