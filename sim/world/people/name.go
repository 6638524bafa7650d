package people

import (
	"fmt"
	"strings"
)

// Names of people as they write them. Where letters are not Latin, the Latin
// spelling follows a stroke. Common names of many countries, in no order.
const (
	givenNames = `Ada Aino Aisha Alejandra Amélie Amir Ana Anders Andrzej Anneli Antônio Ásta Bartosz Beatriz
Björn Blaž Camille Catarina Ceyda Chiara Chidi Chloé Ciarán Dagmar Daniel Dáithí Diego Đorđe Ebba Eero Elif Emma
Eszter Fatima Félix Fiona Françoise Freja Gabriela Giulia Grzegorz Gül Hannah Håkon Hiroshi Hugo Ida Ingrid Ioana
Isabel Iván Jakub James Jana Jens João José Jürgen Kaja Karolína Katarzyna Kofi Kristján Lars László Léa Leila
Lenka Liam Linnéa Łukasz Magnus Małgorzata María Mateo Maya Mehmet Michał Mikkel Mónika Nadia Nathan Ngozi Niamh
Noah Noémie Nuno Olga Olivia Omar Oskar Ólafur Paul Petra Priya Quentin Rania Renée René Rohan Róisín Sakura Sára
Şebnem Siobhán Sofía Søren Štěpán Sunniva Tamás Thị Thomas Tomáš Tuğba Ulrike Vít Walter Wanjiru Xavier Yasmin
Yusuf Zeynep Zoë Žiga 結衣|Yui 健太|Kenta 伟|Wei 静|Jing 민준|Minjun 서연|Seoyeon Олена|Olena Дмитро|Dmytro
Ελένη|Eleni Γιώργος|Giorgos נועה|Noa داود|Dawud आरव|Aarav`
	familyNames = `Abara Achterberg Ahmed Åkesson Almeida Andersen Árnason Bakker Bałut Becker Bergström Bianchi
Bondarenko Brânză Brown Brzeziński Çelik Černý Chaudhary Chen Christensen Çınar Costa Cruz Cybulski Da_Silva
De_Vries Dubois Dvořák Eriksson Évrard Farkas Fernández Ferrari Fischer Fitzgerald Fuchs García Gonçalves Gößmann
Grünwald Gunnarsdóttir Hájek Hansen Hernández Hofmann Horváth Huber Hussain Ibáñez Ibrahim Ilić Iversen Jensen
Jovanović Kaya Kim Kovács Kowalczyk Kröger Kumar Laurent Lefèvre Lindqvist Lopez MacDonald Madsen Mäkinen Marić
Martínez Mazur Mensah Meyer Moreau Müller Muñoz Nagy Nakamura Nguyễn Nielsen Novák Nowak Núñez O’Brien O’Connor
Okafor Öztürk Papadopoulos Patel Pereira Petrov Popescu Raßmann Rasmussen Reyes Rodríguez Rosenberg Rossi Sánchez
Santos Schäfer Schmidt Şahin Škoda Smith Sørensen Strand Suárez Szabó Tanaka Taylor Thorne Tóth Tremblay Van_Dijk
Vasquez Vega Virtanen Weiß Wiśniewski Wójcik Wright Yılmaz Żak Žukauskas Zwart 佐藤|Sato 鈴木|Suzuki 王|Wang
李|Li 김|Kim 박|Park Шевченко|Shevchenko Παππάς|Pappas כהן|Cohen شرما|Sharma`
)

// latin spells letters that mail addresses do not have.
func latin() *strings.Replacer {
	return strings.NewReplacer(strings.Fields(`á a à a â a ã a ä ae å aa ă a ą a æ ae ç c č c ć c ď d đ d é e è e ê e ě e
ë e ę e ğ g í i î i ï i ı i ł l ñ n ň n ń n ó o ô o õ o ö oe ø oe ő o ř r š s ş s ś s ß ss ť t ț t ú u ů u ü ue ű u
ý y ž z ź z ż z Á A Å Aa Ç C Č C Đ D É E İ I Ł L Ö Oe Ó O Ø Oe Š S Ş S Ž Z Ż Z ễ e ị i ’ '`)...)
}

// called is a name as it is written and in Latin letters without marks.
type called struct {
	written, plain string
}

// names reads one of the lists above.
func names(list string) []called {
	spell := latin()
	var all []called
	for word := range strings.FieldsSeq(list) {
		written, plain, other := strings.Cut(word, "|")
		written = strings.ReplaceAll(written, "_", " ")
		if !other {
			plain = spell.Replace(written)
		}
		all = append(all, called{written, plain})
	}
	return all
}

// nickname returns a mail nickname that no one has yet, of small letters,
// digits, points and strokes.
func nickname(plain string, taken map[string]int) string {
	var b strings.Builder
	for _, r := range strings.ToLower(plain) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r == '-':
			b.WriteRune(r)
		case r == ' ' && b.Len() > 0:
			b.WriteByte('-')
		}
	}
	base := b.String()
	for {
		taken[base]++
		n := taken[base]
		if n == 1 {
			return base
		}
		if numbered := fmt.Sprintf("%s%d", base, n); taken[numbered] == 0 {
			taken[numbered] = 1
			return numbered
		}
	}
}
