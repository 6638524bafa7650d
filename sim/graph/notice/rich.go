package notice

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/graphwarden/graphwarden/sim/world"
)

// rsaKey is a receiver's public key with the fingerprint of its certificate.
type rsaKey struct {
	*rsa.PublicKey
	thumbprint string
}

func parseKey(der []byte) (*rsaKey, error) {
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	key, ok := cert.PublicKey.(*rsa.PublicKey)
	if !ok || key.N.BitLen() < 2048 || key.N.BitLen() > 4096 {
		return nil, errors.New("the certificate's key is not RSA of 2048 to 4096 bits")
	}
	return &rsaKey{key, fmt.Sprintf("%X", sha1.Sum(der))}, nil
}

// encrypt makes the encryptedContent of a notification (graph-facts §4.6): a
// fresh AES-256 key K, the resource under AES-CBC with K and its first 16 bytes
// as IV, HMAC-SHA256 of the ciphertext under K, and K under the receiver's key
// with RSA-OAEP and SHA-1.
func encrypt(s Subscription, resource world.Doc) (world.Doc, error) {
	key, err := publicKey(s.Certificate)
	if err != nil {
		return nil, fmt.Errorf("reading the certificate of subscription %s: %w", s.ID, err)
	}
	plain, err := json.Marshal(resource)
	if err != nil {
		return nil, err
	}
	var k [32]byte
	if _, err := rand.Read(k[:]); err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(k[:])
	if err != nil {
		return nil, err
	}
	pad := aes.BlockSize - len(plain)%aes.BlockSize
	for range pad {
		plain = append(plain, byte(pad))
	}
	sealed := make([]byte, len(plain))
	cipher.NewCBCEncrypter(block, k[:aes.BlockSize]).CryptBlocks(sealed, plain)
	mac := hmac.New(sha256.New, k[:])
	mac.Write(sealed)
	wrapped, err := rsa.EncryptOAEP(sha1.New(), rand.Reader, key.PublicKey, k[:], nil)
	if err != nil {
		return nil, err
	}
	b64 := base64.StdEncoding.EncodeToString
	return world.Doc{"data": b64(sealed), "dataSignature": b64(mac.Sum(nil)), "dataKey": b64(wrapped),
		"encryptionCertificateId": s.CertID, "encryptionCertificateThumbprint": key.thumbprint}, nil
}
