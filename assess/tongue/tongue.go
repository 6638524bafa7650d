// Package tongue knows how plans of permissions speak of flows, sign-in, secrets and care
// in the languages of northern and western Europe beside English. It promises words for
// every topic that it is asked about, as regular expressions; what they mean is package
// judge's.
package tongue

import "strings"

// tongue is how one language speaks of something: words parted by bars, in lower case,
// as regular expressions.
type tongue struct{ language, words string }

// Also gives a topic's words of other languages, each behind a bar, to stand behind the
// English ones. A topic that is not known is a mistake of the program, and panics.
func Also(topic string) string {
	for _, table := range []func(string) []tongue{flowsAbroad, readingAbroad, signInAbroad, careAbroad} {
		all := table(topic)
		if all == nil {
			continue
		}
		var b strings.Builder
		for _, t := range all {
			b.WriteString("|" + t.words)
		}
		return b.String()
	}
	panic("tongue: no words for " + topic)
}

// flowsAbroad are the words for what is written, sent and kept.
func flowsAbroad(topic string) []tongue {
	switch topic {
	case "changing":
		return []tongue{
			{"de", `schreib|trägt .{0,60}ein\b|eintrag|einträg|anleg|angelegt|aktualisier|änder|lösch|speicher|synchron|abgleich|gleicht|verwalt|buch[te]|verschieb`},
			{"da", `skriv|opret|opdater|ændre|slet|gem(?:mer|t|me)\b|synkroniser|administrer|book|flyt`},
			{"no", `skriv|opprett|oppdater|endre|slett|lagr|synkroniser|administrer|flytt`},
			{"sv", `skriv|skapa|uppdater|ändra|ta(?:r|s)? bort|spara|synkroniser|hanter|boka|flytta`},
			{"nl", `schrijf|schrijv|aanmak|aangemaakt|bijwerk|wijzig|verwijder|opsla|opgeslagen|synchron|beheer|boek|verplaats`},
			{"fr", `écri|créer?\b|crée|mettre à jour|met à jour|modifi|supprim|enregistr|synchronis|gérer|gère|réserv|déplac`},
			{"es", `escrib|crear?\b|crea\b|actualiz|modific|elimin|guard|sincroniz|gestion|reserv|mueve|mover`},
		}
	case "sending use":
		return []tongue{
			{"de", `versend|verschick|send[ent]|erinnerung|benachrichtig|einlad`}, {"da", `\bsend|påmind|underret|\binvit`}, {"no", `\bsend|påminn|varsl|\binvit`},
			{"sv", `skicka|sänd|påminn|avisera|bjud`}, {"nl", `verstuur|verzend|verstur|stuurt|herinner|uitnodig`}, {"fr", `envo[iy]|rappel|notifi|invit`}, {"es", `enví|envi[ao]|recordator|notific|invit`},
		}
	case "sending line":
		return []tongue{
			{"de", `(?:versendet|verschickt|sendet) .{0,40}(?:e-?mail|erinnerung|nachricht)|e-?mails? .{0,20}(?:versenden|verschicken|senden)`},
			{"da", `sender .{0,40}(?:e-?mail|mail|påmind)|afsend\w* .{0,20}mail`}, {"no", `sender .{0,40}(?:e-?post|påminn)`},
			{"sv", `skickar .{0,40}(?:e-?post|mejl|påminn)`}, {"nl", `(?:verstuurt|verzendt|stuurt) .{0,40}(?:e-?mail|herinner|bericht)`},
			{"fr", `envo(?:ie|yer|i d)\w* .{0,40}(?:e-?mail|courriel|message|rappel)`}, {"es", `env(?:ía|iar|ío de) .{0,40}(?:correo|mensaje|recordator)`},
		}
	case "calendar line":
		return []tongue{
			{"de", `kalender\w*(?:abgleich|synchron|verwaltung)|(?:synchronisiert|abgleich|gleicht) .{0,40}(?:kalender|termin)|termine? (?:werden|wird) .{0,30}(?:erstellt|angelegt|eingetragen)`},
			{"da", `kalender\w*synkronisering|synkroniser\w* .{0,40}(?:kalender|aftale|møde)|(?:møder|aftaler) (?:oprettes|bliver oprettet)`},
			{"no", `kalendersynkronisering|synkroniser\w* .{0,40}(?:kalender|avtale|møte)|møter (?:opprettes|blir opprettet)`},
			{"sv", `kalendersynkronisering|synkroniser\w* .{0,40}(?:kalender|möte)|möten (?:skapas|bokas)`},
			{"nl", `agenda\w*synchronisatie|synchroniseer\w* .{0,40}(?:agenda|afspra)|afspraken worden .{0,20}(?:aangemaakt|gezet)`},
			{"fr", `synchronis\w* .{0,40}(?:calendrier|agenda|rendez-vous)|réunions sont créées`},
			{"es", `sincroniz\w* .{0,40}(?:calendario|agenda|cita)|reuniones se crean`},
		}
	case "sharing":
		return []tongue{
			{"de", `(?:geteilte|freigegebene|gemeinsame)\w* (?:kalender|postf[aä]ch|ordner)|kalender der kolleg`}, {"da", `delte (?:kalendre|postkasser)|delt (?:kalender|postkasse)`}, {"no", `delte? (?:kalend|postboks|innboks)`},
			{"sv", `delade? (?:kalend|postlåd|inkorg)`}, {"nl", `gedeelde (?:agenda|kalender|postvak|mailbox)`}, {"fr", `(?:calendriers?|boîtes?|agendas?) (?:de messagerie )?partagé`}, {"es", `(?:calendarios?|buz[oó]n(?:es)?) compartid`},
		}
	case "documents line":
		return []tongue{{"any", `(?:websites?|bibliothek|bibliotek|bibliothèque|biblioteca|bibliotheek)\w* .{0,20}sharepoint`}}
	case "bookings line":
		return []tongue{
			{"de", `bookings-daten|zugriff auf (?:microsoft )?bookings`}, {"da", `adgang til (?:microsoft )?bookings|bookings-data`}, {"no", `tilgang til (?:microsoft )?bookings`},
			{"sv", `åtkomst till (?:microsoft )?bookings|bookings-data`}, {"nl", `toegang tot (?:microsoft )?bookings|bookings-gegevens`},
			{"fr", `données de (?:microsoft )?bookings|accès à (?:microsoft )?bookings`}, {"es", `datos de (?:microsoft )?bookings|acceso a (?:microsoft )?bookings`},
		}
	}
	return nil
}

// readingAbroad are the words for what is read.
func readingAbroad(topic string) []tongue {
	switch topic {
	case "mail use":
		return []tongue{
			{"de", `zugriff|lesen|liest|abruf|ruft .{0,40}ab\b|überwach|archivier|postfach|posteingang|e-mails`}, {"da", `læs|hent|adgang|indbakke|postkasse|arkiver`}, {"no", `les[et]|hent|tilgang|innboks|postboks|arkiver`},
			{"sv", `läs|hämta|åtkomst|inkorg|postlåd|arkiver`}, {"nl", `lees|lezen|ophal|toegang|postvak|archiveer`}, {"fr", `lire|lit\b|lecture|récupér|accè[sd]|boîte|archiv`}, {"es", `leer|lee\b|lectura|recuper|acceso|buzón|buzones|archiv`},
		}
	case "mail changes":
		return []tongue{{"any", `als gelesen|verschieb|markér|markera|markeer|flytt|marque\w* .{0,20}lu|marca\w* .{0,20}leíd`}}
	case "mail line":
		return []tongue{
			{"de", `(?:liest|abruf\w*|ruft|holt) .{0,40}e-?mails?\b|e-?mails? (?:lesen|abrufen|archivieren)`}, {"da", `(?:henter|læser) .{0,40}(?:e-?mails?|post)\b`}, {"no", `(?:henter|leser) .{0,40}e-?post`},
			{"sv", `(?:hämtar|läser) .{0,40}(?:e-?post|mejl)`}, {"nl", `(?:haalt|leest) .{0,40}e-?mails?\b`}, {"fr", `(?:lit|récupère|lecture d\w*) .{0,40}(?:e-?mails?|courriels?)`}, {"es", `(?:lee|recupera|descarga) .{0,40}correos?`},
		}
	case "profiles use":
		return []tongue{
			{"de", `vorgesetzt|organigramm|personalnummer|mitarbeiterprofil`}, {"da", `leder|organisationsdiagram|medarbejderprofil`}, {"no", `overordnet|organisasjonskart`}, {"sv", `närmaste chef|organisationsschema`},
			{"nl", `leidinggevende|organogram`}, {"fr", `responsable hiérarchique|organigramme`}, {"es", `superior jerárquico|organigrama`},
		}
	case "inventory use":
		return []tongue{
			{"de", `lizenzen|benutzerliste|mitarbeiterliste|mitarbeitende`}, {"da", `licenser|brugerliste|medarbejdere`}, {"no", `lisenser|ansatte`}, {"sv", `licenser|anställda`},
			{"nl", `licenties|medewerkers`}, {"fr", `licences|liste des utilisateurs|employés`}, {"es", `licencias|lista de usuarios|empleados`},
		}
	case "password reset line":
		return []tongue{
			{"de", `kennw[oö]rt\w* zurück|passw[oö]rt\w* zurück|zurücksetz\w* .{0,20}(?:kennw|passw)`}, {"da", `nulstil\w* .{0,20}adgangskode`}, {"no", `tilbakestill\w* .{0,20}passord`}, {"sv", `återställ\w* .{0,20}lösenord`},
			{"nl", `wachtwoord\w* .{0,20}(?:reset|herstel|opnieuw)`}, {"fr", `réinitialis\w* .{0,30}mots? de passe`}, {"es", `restablec\w* .{0,30}contraseñ`},
		}
	case "inbox line":
		return []tongue{
			{"de", `(?:ruft|holt|liest) .{0,30}(?:aus|von) .{0,30}(?:postfach|posteingang)`}, {"da", `henter .{0,30}fra .{0,30}(?:postkasse|indbakke)`}, {"no", `henter .{0,30}fra .{0,30}(?:postboks|innboks)`}, {"sv", `hämtar .{0,30}från .{0,30}(?:postlåd|inkorg)`},
			{"nl", `haalt .{0,30}uit .{0,30}(?:postvak|mailbox)`}, {"fr", `récupère .{0,40}boîte`}, {"es", `recupera .{0,40}buz[oó]n`},
		}
	}
	return nil
}

// signInAbroad are the words for how people and programs sign in.
func signInAbroad(topic string) []tongue {
	switch topic {
	case "password flow":
		return []tongue{
			{"de", `benutzername und (?:kennwort|passwort)`}, {"da", `brugernavn og (?:adgangskode|kodeord)`}, {"no", `brukernavn og passord`}, {"sv", `användarnamn och lösenord`},
			{"nl", `gebruikersnaam en wachtwoord`}, {"fr", `nom d'utilisateur et (?:le )?mot de passe|identifiant et mot de passe`}, {"es", `(?:nombre de )?usuario y (?:la )?contraseña`},
		}
	case "impersonation":
		return []tongue{
			{"de", `identitätswechsel|im namen (?:aller|anderer)`}, {"da", `repræsentation af andre|efterlign`}, {"no", `representasjon av andre|etterlign`}, {"sv", `personifier|imiter`}, {"nl", `imitatie`}, {"fr", `emprunt d'identité|usurpation`}, {"es", `suplantación`},
		}
	case "administrator roles":
		return []tongue{
			{"de", `globale[nrms]? administrator|globaladministrator`}, {"da", `global(?:e)? administrator`}, {"no", `global administrator`}, {"sv", `global administratör`}, {"nl", `globale beheerder|hoofdbeheerder`}, {"fr", `administrateur général|administrateur global`}, {"es", `administrador global`},
		}
	case "secret expiry":
		return endlessAbroad()
	case "secret term":
		return longAbroad()
	case "secret":
		return []tongue{
			{"de", `neuer geheimer clientschlüssel|(?:geheimnis|clientschlüssel|secret) .{0,30}(?:notieren|kopieren)|(?:notieren|kopieren) .{0,60}(?:geheim|clientschlüssel|secret)`}, {"da", `(?:kopi[eé]r|noter) .{0,60}(?:klienthemmelighed|hemmelighed|secret)`}, {"no", `(?:kopier|noter) .{0,60}(?:klienthemmelighet|hemmelighet|secret)`},
			{"sv", `(?:kopiera|anteckna) .{0,60}(?:klienthemlighet|hemlighet|secret)`}, {"nl", `(?:kopieer|noteer) .{0,60}(?:clientgeheim|geheim|secret)`}, {"fr", `(?:copiez|notez|copier|noter) .{0,60}secret`}, {"es", `(?:copie|copiar|anote|anotar) .{0,60}secreto`},
		}
	case "secret handling":
		return []tongue{
			{"any", `(?:per e-?mail|pr\. mail|via mail|via e-?post|med e-?post|par e-?mail|par courriel|por correo|per mail) .{0,60}(?:secret|geheim|schlüssel|hemmelig|hemlig)|(?:secret|geheim|schlüssel|hemmelig|hemlig)\w* .{0,60}(?:per e-?mail|pr\. mail|via mail|via e-?post|med e-?post|par e-?mail|par courriel|por correo|per mail)`},
		}
	}
	return nil
}

// endlessAbroad are the words of what never ends. Denials are taken in as a whole ("no
// caduca nunca"), so that none of them is left to deny the rest.
func endlessAbroad() []tongue {
	return []tongue{
		{"de", `l(?:ä|ae|a)uf(?:t|en) (?:nie|niemals|nicht) ab|ablauf\w*.{0,30}\b(?:nie|niemals|kein\w*)\b|(?:kein\w*|ohne) ablauf\w*|unbefristet\w* .{0,20}(?:geheim|schlüssel|secret)|(?:unbefristet|unbegrenzt) (?:gültig|gelt)|(?:geheimnis|schlüssel|secret)s? (?:ist|sind|gilt|gelten) (?:unbefristet|unbegrenzt)|gültigkeit(?: \w+){0,3} (?:unbefristet|unbegrenzt)`},
		{"da", `udløber aldrig|udløb\w*.{0,20}aldrig|uden udløb`}, {"no", `utløper aldri\b|utløp\w*.{0,20}aldri\b|uten utløp`}, {"sv", `upphör aldrig|(?:går|löper) aldrig ut|(?:förfall|utgång|giltighet)\w*.{0,20}aldrig|utan (?:slut|utgångs)datum`},
		{"nl", `verlo(?:opt|pen) (?:nooit|niet)|verval\w*.{0,20}nooit|zonder verval`}, {"fr", `n['’]expire(?:nt)? (?:jamais|pas)|expiration.{0,20}jamais|sans (?:date d['’])?expiration|valables? (?:indéfiniment|sans limite)|(?:durée|validité) (?:est )?illimitée`},
		{"es", `no (?:caduca|expira|vence)n?\b(?: nunca| jamás)?|nunca (?:caduca|expira|vence)|(?:caduc|expira|vence|vencimiento).{0,20}nunca|sin (?:fecha de )?(?:caducidad|expiración|vencimiento)`},
		{"pt", `(?:nunca|jamais) expira|não expira(?: nunca)?|expiração.{0,20}nunca|sem (?:data de )?expiração`}, {"it", `non (?:scade|scadono)(?: mai)?\b|scadenza.{0,20}\bmai\b|senza scadenza`},
		{"pl", `nigdy nie wygas\w+|nie wygasa(?: nigdy)?|wygaś.{0,30}nigdy|sekret (?:jest )?(?:ważny )?bezterminow|bez daty wygaśnięcia`}, {"fi", `ei (?:koskaan )?(?:vanhene|umpeudu|eräänny)(?: koskaan)?`}, {"cs", `nikdy nevyprší|platnost.{0,20}nikdy`},
		{"ja", `有効期限.{0,20}(?:なし|無期限|ありません)`}, {"zh", `永不过期`},
	}
}

// longAbroad are the words of a secret that is valid for more than half a year.
func longAbroad() []tongue {
	const secret = `(?:secret|geheim|clientschlüssel|hemmelig|hemlig|segreto|segredo|sekret|salaisuu)`
	const valid = `(?:gültig|\bgilt\b|laufzeit|läuft|ablauf|erneuer|gyldig|udløb|utløp|giltig|gäller|upphör|geldig|verloop|valable|valide|validité|expir|válid|validez|validade|caduc|vigencia|valid[oa]\b|scad|ważn|wygas|voimassa)`
	const term = `\b(?:(?:[7-9]|[1-9]\d) ?(?:monat|måned|månad|maand|mois\b|mese[s]?\b|mesi\b|miesi|kuukau)|(?:\d|ein|zwei|deux|dos|due|to|två|twee|dwa|kaksi) ?(?:jahr|år\b|jaar|ans?\b|años?\b|anni?\b|anno\b|anos?\b|lat[a]?\b|vuo)|(?:18[1-9]|19\d|[2-9]\d\d|\d{4}) ?(?:tage|dage|dager|dagar|dagen|jours|días|giorni|dni\b|dias|päiv))`
	return []tongue{{"any", secret + `[^.;]{0,60}` + valid + `[^.;]{0,40}` + term + `|` + secret + `[^.;]{0,40}` + term + `[^.;]{0,20}` + valid + `|` + term + `[^.;]{0,20}` + valid + `[^.;]{0,20}` + secret}}
}

// careAbroad are the words for the care that a plan promises.
func careAbroad(topic string) []tongue {
	switch topic {
	case "encryption":
		return []tongue{{"de", `verschlüssel`}, {"da", `krypter`}, {"sv", `krypter`}, {"nl", `versleutel|encryptie`}, {"fr", `chiffr`}, {"es", `cifrad|cifra\b|encripta`}}
	case "unencrypted":
		return []tongue{{"de", `unverschlüsselt|im klartext|nicht verschlüsselt`}, {"da", `ukrypteret|ikke krypteret|i klartekst`}, {"no", `ukryptert|ikke kryptert|i klartekst`}, {"sv", `okrypterad|inte krypterad|i klartext`}, {"nl", `onversleuteld|niet versleuteld`}, {"fr", `non chiffré|pas chiffré|en clair\b`}, {"es", `sin cifrar|no (?:\w+ )?cifrad|en texto plano`}}
	case "forever":
		return []tongue{{"de", `(?:für immer|dauerhaft|unbegrenzt|unbefristet) (?:gespeichert|aufbewahrt|archiviert)|nie(?:mals)? gelöscht`}, {"da", `for evigt|på ubestemt tid|slettes aldrig|ubegrænset tid`}, {"no", `for alltid|på ubestemt tid|slettes aldri\b`}, {"sv", `för alltid|på obestämd tid|raderas aldrig|tas aldrig bort`},
			{"nl", `voor altijd|onbeperkt bewaard|nooit verwijderd|nooit gewist`}, {"fr", `indéfiniment|pour toujours|sans limite de durée|jamais (?:supprimé|effacé)`}, {"es", `para siempre|indefinidamente|nunca se (?:eliminan|borran)|de forma indefinida`}}
	case "laws":
		return []tongue{{"any", `\bDSGVO\b|\bRGPD\b|\bAVG\b|\bdatabeskyttelsesforordning|persondataforordning|personvernforordning|dataskyddsförordning|datenschutz-grundverordnung|\bNIS ?2\b|\bDORA\b`}}
	case "retention":
		return []tongue{{"de", `aufbewahr|gespeichert bleib`}, {"da", `opbevar`}, {"no", `oppbevar|lagringstid`}, {"sv", `bevaras|lagringstid|gallr`}, {"nl", `bewaar|bewaard`}, {"fr", `conserv`}, {"es", `conserva|retención`}}
	case "term":
		return []tongue{{"any", `\d+ (?:tage|tagen|monate|monaten|jahre|jahren|dage|måneder|år|dager|dagar|månader|dagen|maanden|jaar|jours|mois|ans|días|meses|años)`}}
	case "licence":
		return []tongue{{"de", `lizenz mit postfach|gültige lizenz`}, {"da", `gyldig licens|licens med postkasse`}, {"no", `gyldig lisens`}, {"sv", `giltig licens`}, {"nl", `geldige licentie`}, {"fr", `licence valide`}, {"es", `licencia válida`}}
	case "least privilege":
		return []tongue{
			{"de", `geringst\w* recht|nur die (?:nötigen|notwendigen|erforderlichen) (?:rechte|berechtigungen)|minimale rechte`}, {"da", `mindst mulige rettigheder|kun de nødvendige (?:rettigheder|tilladelser)`}, {"no", `færrest mulig rettigheter|kun de nødvendige`},
			{"sv", `minsta möjliga behörighet|endast de behörigheter`}, {"nl", `minimale rechten|alleen de (?:nodige|noodzakelijke) (?:rechten|machtigingen)`}, {"fr", `moindre privilège|uniquement les (?:droits|autorisations)`}, {"es", `mínimo privilegio|solo los permisos`},
		}
	case "review":
		return []tongue{{"de", `regelmäßige? (?:überprüfung|prüfung)`}, {"da", `regelmæssig\w* (?:gennemgang|kontrol)`}, {"no", `regelmessig gjennomgang`}, {"sv", `regelbunden (?:granskning|översyn)`}, {"nl", `(?:periodieke|regelmatige) (?:controle|beoordeling)`}, {"fr", `revue (?:régulière|périodique|trimestrielle|annuelle)`}, {"es", `revisi[oó]n(?:es)? (?:periódica|regular|trimestral|anual)`}}
	case "conditional access":
		return []tongue{{"de", `bedingter? zugriff`}, {"da", `betinget adgang`}, {"no", `betinget tilgang`}, {"sv", `villkorlig åtkomst`}, {"nl", `voorwaardelijke toegang`}, {"fr", `accès conditionnel`}, {"es", `acceso condicional`}}
	case "admin consent":
		return []tongue{{"de", `administratorzustimmung|administratoreinwilligung`}, {"da", `administratorsamtykke|administrators samtykke`}, {"no", `administratorsamtykke`}, {"sv", `administratörsmedgivande|administratörens medgivande`}, {"nl", `beheerderstoestemming`}, {"fr", `consentement (?:de l'|d')administrat`}, {"es", `consentimiento (?:del|de) administrad`}}
	case "tenants":
		return []tongue{{"any", `mehrinstanzenfähig|mandantenübergreifend|mehrere mandanten|flere lejere|multi-?tenant|flera klientorganisationer|meerdere tenants|multilocataire|multiinquilino`}}
	case "single tenant":
		return []tongue{{"any", `einzelmandant|nur konten in diesem organisationsverzeichnis|enkelt lejer|enda klientorganisation|één tenant|locataire unique|inquilino único`}}
	case "on-premises":
		return []tongue{{"any", `\blokal\w* exchange|lokalt installer|exchange-server im haus|on-prem|sur site|en las instalaciones|eigen servers`}}
	}
	return nil
}
