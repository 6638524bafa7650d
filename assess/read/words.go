package read

import (
	"strings"
	"sync"

	"github.com/graphwarden/graphwarden/assess/find"
)

// tongue is how one language says something: words parted by bars, as regular
// expressions in lower case. Where a language parts its words, they stand alone.
type tongue struct{ language, words string }

// pattern looks for what any of the languages says.
func pattern(all []tongue) *find.Pattern {
	var parts []string
	for _, t := range all {
		switch t.language {
		case "ja", "zh", "ko", "ar", "ru", "any":
			parts = append(parts, t.words)
		default:
			parts = append(parts, `\b(?:`+t.words+`)\b`)
		}
	}
	return find.Lower(strings.Join(parts, "|"))
}

// denies are the words that deny what follows them in their clause.
func denies() []tongue {
	return []tongue{
		{"en", `not|no|never|nor|neither|without|don't|doesn't|won't|can't|cannot|isn't|aren't|remov(?:e|es|ed|ing)|revok(?:e|es|ed|ing)|delet(?:e|ed) the|drop(?:s|ped|ping)?|avoid|refuse[sd]?|reject(?:s|ed)?|uncheck|deselect|unnecessary|leave out`},
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
func denied() []tongue {
	return []tongue{
		{"en", `(?:is|are|was|were|will be|can be|should be|must be|has been|have been)?\s*(?:not|never|no longer)\s+(?:be |been )?(?:needed|required|requested|used|asked|granted|necessary|supported|approved)|(?:was|were|has been|have been|is|are|can be|must be) (?:both |all |also )?(?:removed|dropped|revoked|retired|replaced|rejected)`},
		{"de", `nicht (?:mehr )?(?:nötig|erforderlich|benötigt|notwendig|angefordert|verlangt|gebraucht)|(?:wird|werden|wurde|ist) (?:nicht|entfernt)|entf[aä]ll\w*|es wurde entfernt`},
		{"fr", `n'est (?:pas|plus)|ne sont (?:pas|plus)|a été (?:supprim|retir)\w*|ont été (?:supprim|retir)\w*`},
		{"es", `no (?:es|son) necesari\w*|no se (?:necesita|solicita|requiere)\w*|ya no|ha sido (?:eliminad|retirad)\w*`},
		{"nl", `niet (?:meer |eens )?(?:nodig|vereist|aan|gevraagd|gebruikt)|(?:is|zijn|werd|werden) verwijderd`},
		{"da", `er ikke|kræves ikke|behøves ikke|(?:bruger|beder|behøver|kræver|benytter) vi ikke|er fjernet`},
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

// optional are the words that make an alternative of what follows.
func optional() []tongue {
	return []tongue{
		{"en", `alternativ\w*|optional\w*|if you (?:use|want|need|have|enable|do not|don't)|only (?:if|when|for)|when (?:using|the)|add-on|or else|prefer|may use`},
		{"de", `alternativ\w*|optional\w*|falls|wenn sie|stattdessen|nur (?:wenn|falls|für|mit)`},
		{"fr", `facultati\w*|si vous (?:utilis|souhait|activ)\w*|seulement (?:si|avec|pour)|uniquement (?:si|avec|pour)`},
		{"es", `opcional\w*|si (?:utiliza|desea|trabaja|usa)|s[oó]lo (?:si|con|para)`},
		{"nl", `optione\w*|als u|alleen (?:als|met|voor)`},
		{"da", `valgfri\w*|hvis|kun (?:hvis|med|ved)`},
		{"sv", `valfri\w*|om ni|endast (?:om|med|för)`},
		{"no", `valgfri\w*|bare (?:hvis|med|for)`},
		{"it", `facoltativ\w*|se (?:usa|si usa)|solo (?:se|con|per)`},
		{"pt", `opcional\w*|se (?:usar|utilizar|quiser)|só (?:se|para|com)|apenas (?:se|para|com)`},
		{"pl", `opcjonaln\w*|tylko (?:z|dla|gdy|jeśli)|wystarczy`},
		{"fi", `valinnai\w*|vain jos`},
		{"ja", `任意|オプション`},
		{"ar", `اختياري`},
	}
}

// optionalBehind are the words that make an alternative of what they follow.
func optionalBehind() []tongue {
	return []tongue{
		{"en", `optional\w*|alternativ\w*|if (?:you|the|your)|only (?:if|when|with)|when (?:using|the)|add-on`},
		{"de", `optional\w*|falls|wenn sie|nur (?:wenn|falls|mit)`},
		{"fr", `facultati\w*|seulement (?:si|avec)|uniquement (?:si|avec)|si vous (?:utilis|souhait|activ)\w*`},
		{"es", `opcional\w*|s[oó]lo (?:si|con)`},
		{"nl", `optione\w*|alleen (?:als|met)`},
		{"da", `valgfri\w*|hvis|kun (?:hvis|med|ved)`},
		{"sv", `valfri\w*|endast (?:om|med)`},
		{"it", `facoltativ\w*|solo (?:se|con)`},
		{"pt", `opcional\w*|só (?:se|para|com)|apenas (?:se|para|com)`},
		{"pl", `opcjonaln\w*|tylko (?:z|dla|gdy|jeśli)`},
		{"ja", `任意|オプション|場合のみ`},
		{"any", `\binstead(?:$|[.,;)])`},
	}
}

// former are the words of examples and of history.
func former() []tongue {
	return []tongue{
		{"en", `for (?:example|instance)|e\.g\.|examples?:|sample|previously|(?:earlier|older|previous|before) (?:versions?|releases?)(?: \S+)?|formerly|in the past|used to|microsoft (?:documents|explains|describes)`},
		{"de", `beispiel|z\. ?b\.|früher\w*|frühere versionen`},
		{"fr", `par exemple|exemple|auparavant|versions? (?:antérieures?|précédentes?)`},
		{"es", `por ejemplo|ejemplo|versiones? anterior\w*`},
		{"nl", `bijvoorbeeld|voorheen|vroeger`},
		{"da", `f\.eks\.|til eksempel|for eksempel|tidligere|brugte`},
		{"sv", `till exempel|t\.ex\.|tidigare`},
		{"no", `for eksempel|tidligere`},
		{"it", `ad esempio|in precedenza`},
		{"pt", `por exemplo|versões anteriores|anteriormente`},
		{"pl", `na przykład|wcześniej\w*|poprzedni\w*`},
		{"any", `\bunlike (?:the )?$`},
		{"ja", `例えば|以前の|のように|従来の`},
	}
}

// instead are the words before what is to be replaced.
func instead() []tongue {
	return []tongue{
		{"en", `instead of|rather than|in place of|may replace|can replace|over`},
		{"de", `statt|anstatt|anstelle von|anstelle`},
		{"fr", `au lieu de|plutôt que`},
		{"es", `en lugar de|en vez de`},
		{"nl", `in plaats van`},
		{"da", `i stedet for`},
		{"sv", `i stället för|istället för`},
		{"it", `invece di`},
		{"pt", `em vez d[eoa]`},
		{"pl", `zamiast`},
	}
}

// swaps are the words before what goes, to make room for another.
func swaps() []tongue {
	return []tongue{
		{"en", `replac(?:e|es|ed|ing)|swap`}, {"de", `ersetz\w*`}, {"fr", `remplac\w*`}, {"es", `reemplaz\w*|sustitu\w*`}, {"nl", `vervang\w*`},
		{"da", `erstat\w*`}, {"sv", `ersätt\w*|byt`}, {"it", `sostitu\w*`}, {"pt", `substitu\w*`}, {"pl", `zastąp\w*`},
	}
}

// conditional are the words by which a sentence begins that holds for some only.
func conditional() []tongue {
	return []tongue{
		{"en", `if|for customers who|customers who`}, {"de", `wenn|falls|sofern`}, {"fr", `si (?:vous|votre|un|une)|lorsque`}, {"es", `si (?:usa|utiliza|trabaja|desea|tiene|su)`},
		{"nl", `als (?:u|je)|indien`}, {"da", `hvis|(?:har|vil|bruger) i`}, {"sv", `om ni|använder ni`}, {"no", `hvis|dersom`}, {"it", `se (?:si|usa|usate|non)`},
		{"pt", `se (?:usar|utiliz\w*|quiser|não)|caso`}, {"pl", `jeżeli|jeśli`},
	}
}

// every are the words of a sentence that speaks of all permissions.
func every() []tongue {
	return []tongue{
		{"en", `all|every|both|each`}, {"de", `alle|sämtliche|beide`}, {"fr", `toutes?|tous`}, {"es", `tod[oa]s`}, {"nl", `alle`},
		{"da", `alle|samtlige`}, {"sv", `alla|samtliga`}, {"it", `tutt[ei]`}, {"pt", `tod[oa]s`}, {"pl", `wszystkie`}, {"any", `すべて`},
	}
}

// userless is how people say that nobody is signed in: it denies no permission.
func userless() []tongue {
	return []tongue{
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

// shows are the words by which people say what stands on a screen.
func shows() []tongue {
	return []tongue{
		{"en", `shows?|see|displays?`}, {"de", `zeigt|anzeigt|sehen`}, {"fr", `affiche|voyez`}, {"es", `muestra|ve`}, {"nl", `toont|ziet`},
		{"da", `viser|ser`}, {"sv", `visar|ser`}, {"it", `mostra|vedi`}, {"pt", `mostra|aparece`}, {"pl", `widzisz|pokazuje`},
	}
}

// which are the words of a question that is answered with a list.
func which() []tongue {
	return []tongue{
		{"en", `which|what`}, {"de", `welche`}, {"fr", `quel(?:le)?s`}, {"es", `qué|cuáles`}, {"nl", `welke`}, {"da", `hvilke`}, {"sv", `vilka`},
		{"it", `quali`}, {"pt", `quais|que`}, {"pl", `jakie`}, {"any", `どの`},
	}
}

// why are the words of a question for a reason.
func why() []tongue {
	return []tongue{
		{"en", `why`}, {"de", `warum|weshalb|wieso`}, {"fr", `pourquoi`}, {"es", `por qué`}, {"nl", `waarom`}, {"da", `hvorfor`}, {"sv", `varför`},
		{"it", `perch`}, {"pt", `por ?que`}, {"pl", `dlaczego`}, {"any", `なぜ|لماذا`},
	}
}

// without are the words that say what would be if a name were not there: with a denial
// beside them they demand it.
func without() []tongue {
	return []tongue{
		{"en", `without`}, {"de", `ohne`}, {"fr", `sans`}, {"es", `sin`}, {"nl", `zonder`}, {"da", `uden`}, {"no", `uten`}, {"sv", `utan`}, {"it", `senza`}, {"pt", `sem`}, {"pl", `bez`}, {"fi", `ilman`},
	}
}

// nothing are the words that deny beside those of denies, but govern no name.
func nothing() []tongue {
	return []tongue{
		{"en", `nothing|fails?|breaks?|stops?`}, {"de", `nichts`}, {"fr", `rien`}, {"es", `nada`}, {"nl", `niets`}, {"da", `intet|ingenting`}, {"sv", `inget|ingenting`}, {"it", `niente`}, {"pt", `nada`}, {"pl", `nic`},
	}
}

// mine are the words of a delegated permission.
func mine() []tongue {
	return []tongue{
		{"en", `delegated|delegate (?:permission|scope)s?|signed[- ]in user|on behalf of (?:a|the) user|connect-mggraph`},
		{"any", `delegiert|délégu|deleguj|delegad|\bdelegat[eio]\b|delegowan|gedelegeerd|delegere[dt]|delegert|delegerad|delegoid|委任|委派|위임|делегир|المفوضة|مفوضة`},
	}
}

// itsOwn are the words of an application permission.
func itsOwn() []tongue {
	return []tongue{
		{"any", `\btypp?e?: ?(?:application|anwendung|applikation)|\((?:jeweils |both |all |each |type )?(?:application|anwendung|aplicación|aplicação|applicazione|toepassing|aplikacja|app)\)|\[application\]|application:`},
		{"en", `application[- ](?:level )?(?:permission|scope|right|type|grant)s?|permissions? of (?:the )?type application|type application|app[- ]only|app[- ]?roles?|type: ?application|as application|(?:signs? in|runs?|acts?) as an application|daemon|client credentials|without a (?:signed-in )?user`},
		{"en", `are (?:all )?application`},
		{"any", `role \(application|anwendungs(?:berechtigung|recht)|applikations(?:berechtigung|recht|tilladelse|behörighet)|autorisations? (?:de l'|d')application|permissions? (?:de l'|d')application|permisos? de (?:la )?aplicaci|programtilladelse|apptilladelse|toepassings(?:machtiging|recht)|applicatie(?:machtiging|recht)|autorizzazion[ei] (?:dell'|di |per l')?applicazion[ei]|permess[oi] (?:dell'|di )applicazione|permiss(?:ões|ão) d[eoa] aplica|programbehörighet|programtillatelse|applikasjonstillatelse|uprawnieni[ae] aplikacji|sovellusoikeu|sovelluksen käyttöoikeu|アプリケーションの|应用程序权限|응용 프로그램 권한|разрешени[ея] приложен|أذونات التطبيق`},
	}
}

// cues are the words in the form in which they are looked for.
type cues struct {
	delegated, application, either                     *find.Pattern
	typeDelegated, typeApplication                     *find.Pattern
	denies, denied, optional, optionalBehind           *find.Pattern
	former, instead, conditional, every, nobody, swaps *find.Pattern
	without, nothing                                   *find.Pattern
	why, which, shows                                  *find.Pattern
	exchangeRole                                       *find.Pattern
}

var signs = sync.OnceValue(func() cues {
	return cues{
		delegated: pattern(mine()), application: pattern(itsOwn()), either: pattern(append(mine(), itsOwn()...)),
		typeDelegated:   find.Lower(`^\W*(?:scopes?\b|user$|users?[- ]consent|on behalf)`),
		typeApplication: find.Lower(`^\W*(?:application|app\b|app[- ]|roles?\b|anwendung|applikation|aplicaci|aplica[çt]|applicazione|toepassing|applicatie|program|sovellus|aplikacj|アプリ|应用|приложен|تطبيق|daemon)`),
		denies:          pattern(denies()), denied: pattern(denied()), optional: pattern(optional()), optionalBehind: pattern(optionalBehind()),
		former: pattern(former()), instead: pattern(instead()), swaps: pattern(swaps()), conditional: pattern(conditional()), every: pattern(every()), nobody: pattern(userless()), why: pattern(why()), without: pattern(without()), nothing: pattern(append(nothing(), denies()...)), which: pattern(which()), shows: pattern(shows()),
		exchangeRole: find.Lower(`\bapplication $|(?:^|[^p] )role $|-role\s+"?application $|exchange[^.]{0,30}role[^.]{0,20}$`),
	}
})
