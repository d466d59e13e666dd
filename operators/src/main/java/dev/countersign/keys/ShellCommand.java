package dev.countersign.keys;

/**
 * Command that a message advises. FILE is the refused file; what the command writes is KEY.pem,
 * KEY.p12, CERT.pem or NEW.pem. A test runs each one as it is printed, and then uses the result.
 */
enum ShellCommand {
  // New keys, for those that nothing converts.
  MAKE_EC("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out KEY.pem"),
  MAKE_EC_FOR_COSIGN(
      "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out KEY.pem && cosign"
          + " import-key-pair --key KEY.pem"),
  MAKE_ED25519("openssl genpkey -algorithm ED25519 -out KEY.pem"),
  MAKE_RSA("openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out KEY.pem"),
  MAKE_PKCS12("openssl pkcs12 -export -inkey KEY.pem -in CERT.pem -out KEY.p12"),

  // The public half of something in PEM.
  PUBLIC_KEY_OF_PRIVATE("openssl pkey -in FILE -pubout -out KEY.pem"),
  PUBLIC_KEY_OF_CERTIFICATE("openssl x509 -in FILE -pubkey -noout > KEY.pem"),

  // DER.
  PRIVATE_KEY_OF_DER("openssl pkey -inform DER -in FILE -out KEY.pem"),
  ENCRYPTED_PRIVATE_KEY_OF_DER("openssl pkey -inform DER -aes256 -in FILE -out KEY.pem"),
  PUBLIC_KEY_OF_DER("openssl pkey -pubin -inform DER -in FILE -out KEY.pem"),
  PUBLIC_KEY_OF_PRIVATE_DER("openssl pkey -inform DER -in FILE -pubout -out KEY.pem"),
  PUBLIC_KEY_OF_CERTIFICATE_DER("openssl x509 -inform DER -in FILE -pubkey -noout > KEY.pem"),
  CERTIFICATE_OF_DER("openssl x509 -inform DER -in FILE -out CERT.pem"),
  CERTIFICATES_OF_PKCS7_DER("openssl pkcs7 -inform DER -in FILE -print_certs -out CERT.pem"),

  // Encodings that are not read, and ciphers that are not known.
  NAMED_CURVE("openssl pkey -ec_param_enc named_curve -in FILE -out KEY.pem"),
  NAMED_CURVE_OF_PUBLIC("openssl pkey -pubin -ec_param_enc named_curve -in FILE -out KEY.pem"),
  ENCRYPT("openssl pkey -aes256 -in FILE -out KEY.pem"),
  ENCRYPT_WITH_OLD_CIPHER(
      "openssl pkey -provider legacy -provider default -aes256 -in FILE -out KEY.pem"),
  TO_PKCS8("openssl pkcs8 -topk8 -in FILE -out KEY.pem"),
  TO_PKCS8_WITH_OLD_CIPHER(
      "openssl pkcs8 -provider legacy -provider default -topk8 -in FILE -out KEY.pem"),
  CERTIFICATES_OF_TRUSTED(
      "openssl crl2pkcs7 -nocrl -certfile FILE | openssl pkcs7 -print_certs -out CERT.pem"),
  CERTIFICATES_OF_PKCS7("openssl pkcs7 -in FILE -print_certs -out CERT.pem"),
  CERTIFICATES_OF_CMS("sed 's/CMS-/PKCS7-/' FILE | openssl pkcs7 -print_certs -out CERT.pem"),

  // Key stores. OpenSSL 3 opens those with RC2 or RC4 only when asked to.
  KEY_OF_PKCS12("openssl pkcs12 -in FILE -nocerts -out KEY.pem"),
  KEY_OF_OLD_PKCS12("openssl pkcs12 -legacy -in FILE -nocerts -out KEY.pem"),
  CERTIFICATES_OF_PKCS12("openssl pkcs12 -in FILE -nokeys -out CERT.pem"),
  CERTIFICATES_OF_OLD_PKCS12("openssl pkcs12 -legacy -in FILE -nokeys -out CERT.pem"),
  PUBLIC_KEY_OF_PKCS12(
      "openssl pkcs12 -in FILE -nokeys -clcerts | openssl x509 -pubkey -noout > KEY.pem"),
  PUBLIC_KEY_OF_OLD_PKCS12(
      "openssl pkcs12 -legacy -in FILE -nokeys -clcerts | openssl x509 -pubkey -noout > KEY.pem"),
  ONE_KEY_OF_PKCS12(
      "keytool -importkeystore -srckeystore FILE -srcalias NAME -destkeystore KEY.p12"
          + " -deststoretype PKCS12"),
  PKCS12_OF_JKS(
      "keytool -importkeystore -srckeystore FILE -destkeystore KEY.p12 -deststoretype PKCS12"),
  PKCS12_OF_JCEKS(
      "keytool -importkeystore -srckeystore FILE -srcstoretype JCEKS -destkeystore KEY.p12"
          + " -deststoretype PKCS12"),
  CERTIFICATES_OF_JKS("keytool -list -rfc -keystore FILE > CERT.pem"),
  PUBLIC_KEY_OF_JKS("keytool -list -rfc -keystore FILE | openssl x509 -pubkey -noout > KEY.pem"),

  // Files of other programs. The octal numbers are the start of an Ed25519 key in DER (RFC 8410).
  PKCS8_OF_OPENSSH("cp FILE KEY.pem && ssh-keygen -p -m PKCS8 -f KEY.pem"),
  PUBLIC_KEY_OF_OPENSSH("ssh-keygen -e -m PKCS8 -f FILE > KEY.pem"),
  PUBLIC_KEY_OF_OPENSSH_ED25519(
      "{ printf '0*0\\005\\006\\003+ep\\003!\\000'; cut -d' ' -f2 FILE | base64 -d | tail -c 32; }"
          + " | openssl pkey -pubin -inform DER -out KEY.pem"),
  PUBLIC_KEY_OF_OPENSSH_ED25519_PRIVATE(
      "{ printf '0*0\\005\\006\\003+ep\\003!\\000'; ssh-keygen -y -f FILE | cut -d' ' -f2 | base64"
          + " -d | tail -c 32; } | openssl pkey -pubin -inform DER -out KEY.pem"),
  PUBLIC_KEY_OF_COSIGN("cosign public-key --key FILE > KEY.pem"),
  DECRYPT_AGE("age -d -i IDENTITY -o NEW.pem FILE"),

  // PEM that something changed on its way.
  UNESCAPE("printf '%b\\n' \"$(tr -d '\"' < FILE)\" > NEW.pem"),
  UNINDENT("sed 's/^[[:space:]]*//' FILE > NEW.pem"),
  DECODE_BASE64("base64 -d FILE > NEW.pem");

  private final String text;

  ShellCommand(String text) {
    this.text = text;
  }

  /** Returns the command as it is typed. */
  @Override
  public String toString() {
    return text;
  }
}
