package speech

import (
	"strings"

	"github.com/graphwarden/graphwarden/assess/find"
)

// Words is how one language says something: the language, and words parted by bars, as
// regular expressions in lower case. Where a language parts its words, they stand alone.
type Words [2]string

// Pattern looks for what any of the languages says.
func Pattern(all []Words) *find.Pattern {
	var parts []string
	for _, w := range all {
		switch w[0] {
		case "ja", "zh", "ko", "ar", "ru", "any":
			parts = append(parts, w[1])
		default:
			parts = append(parts, `\b(?:`+w[1]+`)\b`)
		}
	}
	return find.Lower(strings.Join(parts, "|"))
}

// denies are the words that deny what follows them in their clause.
func denies() []Words {
	return []Words{
		{"en", `not|no|never|none|nor|neither|without|don't|doesn't|won't|can't|cannot|isn't|aren't|remov(?:e|es|ed|ing)|revok(?:e|es|ed|ing)|delet(?:e|ed) the|drop(?:s|ped|ping)?|avoid|refuse[sd]?|reject(?:s|ed)?|uncheck|deselect|unnecessary|leave out`},
		{"de", `nicht|kein|keine|keinen|keiner|ohne|nie|niemals|entfern\w*|verzichte\w*|weder|abgelehnt`},
		{"fr", `pas|n'\w+ plus|ne \w+ plus|plus besoin|sans|jamais|aucun|aucune|supprim\w*|retir\w*`},
		{"es", `ya no|no|sin|nunca|ningún|ninguna|elimin\w*|quit[ae]\w*|tampoco`},
		{"nl", `niet|geen|zonder|nooit|verwijder\w*`},
		{"da", `ikke|uden|aldrig|ingen|fjern\w*|hverken`},
		{"no", `uten|verken|aldri`},
		{"sv", `inte|utan|ej|aldrig|ta bort|varken`},
		{"it", `senza|non|rimuov\w*|nemmeno`},
		{"pt", `não|sem|nem|remov[ae]\w*`},
		{"pl", `nie|bez|ani|usuń`},
		{"fi", `ei|ilman|poista`},
		{"ar", `لا (?:نطلب|نحتاج|يطلب|يحتاج|تطلب)|ليس|بدون`},
		{"ru", `не (?:треб|нуж|запраш)|без `},
	}
}

// denied are what is said behind a name that is not asked for.
func denied() []Words {
	return []Words{
		{"en", `(?:is|are|was|were|will be|can be|should be|must be|has been|have been)?\s*(?:not|never|no longer)\s+(?:be |been )?(?:needed|required|requested|used|asked|granted|necessary|supported|approved)|(?:was|were|has been|have been|is|are|can be|must be) (?:both |all |also )?(?:removed|dropped|revoked|retired|replaced|rejected)`},
		{"de", `nicht (?:mehr )?(?:nötig|erforderlich|benötigt|notwendig|angefordert|verlangt|gebraucht)|(?:wird|werden|wurde|ist) (?:nicht|entfernt)|entf[aä]ll\w*|es wurde entfernt`},
		{"fr", `n'est (?:pas|plus)|ne sont (?:pas|plus)|a été (?:supprim|retir)\w*|ont été (?:supprim|retir)\w*`},
		{"es", `no (?:es|son) necesari\w*|no se (?:necesita|solicita|requiere)\w*|ya no|ha sido (?:eliminad|retirad)\w*`},
		{"nl", `niet (?:meer |eens )?(?:nodig|vereist|aan|gevraagd|gebruikt)|(?:is|zijn|werd|werden) verwijderd`},
		{"da", `er ikke|kræves ikke|behøves ikke|(?:bruger|beder|behøver|kræver|benytter) vi ikke|er fjernet|kan fjernes`},
		{"sv", `behövs (?:inte|ej)|krävs (?:inte|ej)|(?:använder|begär|behöver) vi (?:inte|ej)|är borttag\w*`},
		{"no", `trengs ikke|(?:bruker|trenger) vi ikke|kreves ikke`},
		{"it", `non (?:è|sono) (?:più )?(?:necessari|richiest)\w*`},
		{"pt", `não (?:é|são) (?:mais )?(?:necess|pedid|solicitad)\w*|deixou de ser|foi removid\w*`},
		{"pl", `nie (?:jest|są) (?:już )?(?:wymagan|potrzebn|używan)\w*|zostało usunięte|nie jest już`},
		{"ja", `(?:は|も|を)(?:要求|使用|必要と|利用|取得)(?:し|いたし)ません|は(?:不要|使いません|必要ありません)`},
		{"any", `\b(?:is|are) not$`},
		{"zh", `不再需要|不需要`},
		{"ar", `غير مطلوب`},
	}
}

// userless is how people say that nobody is signed in: it denies no permission.
func userless() []Words {
	return []Words{
		{"en", `without (?:a |any |an )?(?:signed[- ]in |interactive )?(?:user|interaction|sign-in)`},
		{"de", `ohne (?:einen |eine )?(?:angemeldeten? |angemeldete )?(?:benutzer\w*|nutzer\w*|anmeldung)`},
		{"fr", `sans utilisateur|sans connexion`}, {"es", `sin (?:un )?usuario`}, {"nl", `zonder (?:een )?(?:aangemelde )?gebruiker`},
		{"da", `uden (?:en )?(?:logget |indlogget )?bruger`}, {"sv", `utan (?:en )?(?:inloggad )?användare`}, {"no", `uten (?:en )?(?:pålogget )?bruker`},
		{"it", `senza (?:un )?utente`}, {"pt", `sem (?:um )?(?:utilizador|usuário)`}, {"pl", `bez (?:zalogowanego )?użytkownika`},
		{"en", `(?:do not|don't|never|must not|should not) (?:forget|remove|revoke|delete|drop|uncheck)`},
		{"de", `vergessen sie nicht|nicht vergessen|nicht entfernen`}, {"fr", `n'oubliez pas|ne (?:supprimez|retirez) pas`}, {"es", `no (?:olvid|elimin|quit)\w*`}, {"nl", `vergeet niet|verwijder niet`},
		{"da", `glem ikke|fjern ikke`}, {"sv", `glöm inte|ta inte bort`}, {"it", `non dimenticare`}, {"pt", `não (?:se )?esqueça`}, {"pl", `nie (?:zapomnij|usuwaj)`},
		{"any", `not only|nicht nur|no later|no matter|non-|no admin|kein admin\w*|nothing else|no problem|kein problem|pas de problème|no doubt`},
	}
}

// without are the words that say what would be if a name were not there: with a denial
// beside them they demand it.
func without() []Words {
	return []Words{
		{"en", `without`}, {"de", `ohne`}, {"fr", `sans`}, {"es", `sin`}, {"nl", `zonder`}, {"da", `uden`}, {"no", `uten`}, {"sv", `utan`}, {"it", `senza`}, {"pt", `sem`}, {"pl", `bez`}, {"fi", `ilman`},
	}
}

// nothing are the words that deny beside those of denies, but govern no name.
func nothing() []Words {
	return []Words{
		{"en", `nothing|fails?|breaks?|stops?`}, {"de", `nichts`}, {"fr", `rien`}, {"es", `nada`}, {"nl", `niets`}, {"da", `intet|ingenting`}, {"sv", `inget|ingenting`}, {"it", `niente`}, {"pt", `nada`}, {"pl", `nic`},
	}
}

// forbidden are the words of what is ruled out.
func forbidden() []Words {
	return []Words{
		{"en", `(?:is|are|be|been|remains?|stays?|strictly|expressly|we|always|and|policy|policies) (?:strictly |expressly |explicitly |also |always |generally )?(?:forbid(?:s|den)?|prohibit(?:s|ed)?|disallow(?:s|ed)?|disabled?|block(?:s|ed)?|bann?(?:s|ed)?|ruled out|switched off|turned off|avoid(?:s|ed)?|impossible)`},
		{"en", `(?:is|are|was|were|be|been|has|have|do|does|did|will|can|may|must|shall|should) ?(?:not|never|no longer|n't|nowhere)(?: be| been| ever)?(?: \w+ly)? ?(?:used?|supported?|allow(?:ed)?|permitt?(?:ed)?|enabled?|offer(?:ed)?|accept(?:ed)?|available|possible|needed|required?|stored?|implemented|in use|apply|part of)`},
		{"en", `(?:never|no longer|not) (?:be )?(?:used|supported|allowed|permitted|enabled|offered|accepted|available|needed|required|possible)|: (?:no|none|never|off|disabled|forbidden|prohibited|not (?:used|supported|allowed))$`},
		{"de", `(?:ist|sind|wird|werden|bleibt|bleiben|wurde|wurden) (?:\w+ ){0,3}(?:verboten|untersagt|ausgeschlossen|deaktiviert|gesperrt|abgeschaltet)|(?:nicht|nie|niemals) (?:mehr )?(?:\w+ )?(?:verwendet|genutzt|benutzt|unterstützt|erlaubt|zulässig|gestattet|eingesetzt|benötigt|möglich|zugelassen|angeboten)|verbiet\w+|untersag\w+`},
		{"fr", `(?:est|sont|reste) (?:strictement |formellement )?(?:interdit|proscrit|bloqué|désactivé|exclu)e?s?|n(?:'est|e sont|'es|e) (?:pas|plus|jamais) (?:\w+ )?(?:utilis|pris|support|autoris|permis|accept|nécessaire|activ)\w*`},
		{"es", `(?:está|están|queda|quedan) (?:estrictamente )?(?:prohibid|bloquead|desactivad|excluid|deshabilitad)\w+|no (?:se |está |están |es |son )(?:\w+ )?(?:usa|utiliza|admite|permite|soporta|acepta|permitid|admitid|soportad|usad|utilizad|necesari|compatible)\w*`},
		{"nl", `(?:is|zijn|wordt|worden|blijft) (?:\w+ ){0,2}(?:verboden|uitgeschakeld|geblokkeerd|uitgesloten)|(?:niet|nooit) (?:meer )?(?:\w+ )?(?:gebruikt|ondersteund|toegestaan|nodig|aangeboden|mogelijk)`},
		{"da", `(?:er|bliver) (?:\w+ ){0,2}(?:forbudt|spærret|slået fra|blokeret|deaktiveret|udelukket)|(?:bruges|anvendes|benyttes|understøttes|tillades|kræves|accepteres|tilbydes) (?:ikke|aldrig)|(?:ikke|aldrig) (?:længere )?(?:brugt|anvendt|understøttet|tilladt|nødvendig|muligt)`},
		{"no", `(?:er|blir) (?:\w+ ){0,2}(?:forbudt|sperret|slått av|blokkert)|(?:brukes|støttes|tillates|kreves) (?:ikke|aldri)|(?:ikke|aldri) (?:lenger )?(?:brukt|støttet|tillatt)`},
		{"sv", `(?:är|blir) (?:\w+ ){0,2}(?:förbjude|förbjuds|spärra|avstäng|blockera|inaktivera)\w*|(?:används|stöds|tillåts|krävs) (?:inte|ej|aldrig)|(?:inte|aldrig) (?:längre )?(?:använt|tillåte|tillåtet)`},
		{"it", `(?:è|sono) (?:vietat|proibit|bloccat|disattivat)\w+|non (?:è|sono|si) (?:\w+ )?(?:us|utilizz|support|consent|ammess|permess|necessari)\w*`},
		{"pt", `(?:é|são|está|estão) (?:proibid|bloquead|desativad)\w+|não (?:é|são|se) (?:\w+ )?(?:us|utiliz|suport|permit|aceit|necessári)\w*`},
		{"pl", `(?:jest|są) (?:zabronion|zablokowan|wyłączon)\w+|nie (?:jest|są) (?:\w+ )?(?:używan|obsługiwan|dozwolon)\w*`},
	}
}

// turns are the words with which a sentence turns to something else: what is denied
// before them is not denied behind.
func turns() []Words {
	return []Words{
		{"en", `because|since|so|therefore|hence|which|where|whereas|while|although|, (?:we|it|they|you|this|that|only)`},
		{"de", `weil|da|denn|deshalb|daher|damit|während|obwohl|, (?:wir|es|sie|nur)`},
		{"fr", `parce qu\w*|car|donc|tandis|alors`}, {"es", `porque|así que|por (?:eso|tanto)|mientras`}, {"nl", `omdat|dus|daarom|terwijl|want`},
		{"da", `fordi|derfor|mens`}, {"no", `derfor|mens`}, {"sv", `eftersom|därför|medan`}, {"it", `perché|quindi|mentre`}, {"pt", `porque|portanto|enquanto`}, {"pl", `ponieważ|więc|dlatego`},
	}
}
