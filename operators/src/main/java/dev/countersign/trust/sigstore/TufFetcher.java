package dev.countersign.trust.sigstore;

import dev.countersign.http.HttpAnswer;
import dev.countersign.http.HttpCalls;
import dev.countersign.http.ServiceException;
import dev.sigstore.tuf.Fetcher;
import dev.sigstore.tuf.FileExceedsMaxLengthException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/**
 * Downloads the files of a folder over HTTP.
 *
 * @param folder absolute URL that ends in a slash
 */
record TufFetcher(URI folder, HttpCalls http) implements Fetcher {

  private static final int NOT_FOUND = 404;

  @Override
  public String getSource() {
    return folder.toString();
  }

  @Override
  public byte @Nullable [] fetchResource(String name, int maxLength) throws IOException {
    URI url = folder.resolve(name);
    try {
      HttpAnswer answer = http.call(HttpRequest.newBuilder(url).build());
      if (answer.status() == NOT_FOUND) {
        return null;
      }
      if (!answer.isSuccess()) {
        throw new IOException(answer.refusal());
      }
      if (answer.body().length > maxLength) {
        throw new FileExceedsMaxLengthException(url.toString(), maxLength);
      }
      return answer.body();
    } catch (ServiceException e) {
      throw new IOException(e.getMessage(), e);
    }
  }
}
