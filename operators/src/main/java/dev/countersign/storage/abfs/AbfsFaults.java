package dev.countersign.storage.abfs;

import dev.countersign.storage.StorageException;
import dev.countersign.storage.StorageException.Kind;
import dev.countersign.storage.rest.RestAnswer;
import dev.countersign.storage.rest.RestFaults;
import dev.countersign.storage.rest.RestFaults.Refusal;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Exceptions for what Azure refuses, by its error codes. */
final class AbfsFaults {

  static final String CHECK = "Check the settings fs.azure.account.* of this account.";

  private static final String ACTION =
      "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/";

  /** Codes of credentials that nobody could use. */
  private static final Set<String> BAD_CREDENTIALS =
      Set.of(
          "AuthenticationFailed",
          "InvalidAuthenticationInfo",
          "NoAuthenticationInformation",
          "AccountIsDisabled");

  /** Of the body of a refusal, which is XML; the answer to a HEAD request has none. */
  private static final Pattern CODE = Pattern.compile("<Code>([^<]*)");

  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;

  private AbfsFaults() {}

  /** Reads why a request was refused. */
  static Refusal refusal(RestAnswer answer) {
    String code = answer.header("x-ms-error-code");
    return new Refusal(answer.status(), code.isEmpty() ? code(answer.text()) : code, "");
  }

  /**
   * Returns what to throw for a refusal.
   *
   * @param action last part of Azure's name of it, such as {@code read}
   */
  static StorageException of(
      String uri, AbfsContainer container, Refusal refusal, String action, boolean writing) {
    String principal = container.credentials().principal();
    if (refusal.status() == UNAUTHORIZED || BAD_CREDENTIALS.contains(refusal.code())) {
      return RestFaults.badCredentials(uri, principal, refusal.shown(), CHECK);
    }
    if (refusal.status() == FORBIDDEN) {
      return RestFaults.denied(
          uri,
          writing,
          refusal,
          ACTION + action,
          principal,
          "Grant it with the role Storage Blob Data "
              + (writing ? "Contributor" : "Reader")
              + ", and check the firewall of the account.");
    }
    if (refusal.status() == NOT_FOUND) {
      return RestFaults.noBucket(uri, "container", container.account().container());
    }
    if (refusal.code().equals("BlobArchived") || refusal.code().equals("BlobBeingRehydrated")) {
      return StorageException.of(
          Kind.UNREADABLE,
          uri,
          "%s cannot be read: it is in the access tier Archive. Rehydrate it to another tier"
              + " first.",
          Printable.of(uri));
    }
    return RestFaults.refused(uri, writing, refusal);
  }

  /** Returns what to throw if an answer is not one of Azure's. */
  static StorageException notAzure(String uri, IOException cause) {
    return RestFaults.notOfStore(uri, "Azure Blob Storage", cause);
  }

  private static String code(String text) {
    Matcher matcher = CODE.matcher(text);
    return matcher.find() ? matcher.group(1) : "";
  }
}
