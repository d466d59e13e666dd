package dev.countersign.oms;

/** The methods of signing in OMS 1.0, told apart by a bundle's verification material. */
public enum SignatureMethod {
  /** A bare key pair. */
  KEY,
  /** A key with a chain of X.509 certificates. */
  CERTIFICATE,
  /** A short-lived certificate and a transparency log. */
  SIGSTORE
}
