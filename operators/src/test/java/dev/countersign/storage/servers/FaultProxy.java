package dev.countersign.storage.servers;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Reverse proxy on loopback in front of an HTTP server: logs each request and counts the bytes of
 * each answer, and makes the connection slow or breaks answers as it is told. Heads pass as they
 * are, so that signatures of requests hold.
 */
public final class FaultProxy implements AutoCloseable {

  /** A request and what was answered, in the order in which the requests came. */
  public record Exchange(Request request, int status, long bytes) {}

  private static final int BUFFER = 64 * 1024;
  private static final Duration STALL_AT_MOST = Duration.ofMinutes(10);

  /** How long a log waits for requests that were answered, or are about to be, to be in it. */
  private static final Duration LOG_AT_MOST = Duration.ofSeconds(2);

  private final ServerSocket door;
  private final URI server;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final List<Exchange> log = new ArrayList<>();

  /** Requests that are not in the log yet; guarded by it. */
  private final Set<Request> pending = new HashSet<>();

  private final AtomicInteger numbers = new AtomicInteger();
  private volatile Function<Request, Fault> faults = request -> Fault.NONE;
  private volatile Duration latency = Duration.ZERO;
  private volatile long bytesPerSecond = Long.MAX_VALUE;

  private FaultProxy(ServerSocket door, URI server) {
    this.door = door;
    this.server = server;
  }

  /** Starts a proxy on a free port in front of a server, whose scheme is http. */
  public static FaultProxy start(URI server) throws IOException {
    FaultProxy proxy =
        new FaultProxy(new ServerSocket(0, 256, InetAddress.getLoopbackAddress()), server);
    proxy.daemon("fault-proxy", proxy::accept);
    return proxy;
  }

  /** Returns where the proxy listens, without a slash at its end. */
  public URI uri() {
    return URI.create("http://127.0.0.1:" + door.getLocalPort());
  }

  /** Chooses what happens to each request from now on. Called by several threads. */
  public FaultProxy faults(Function<Request, Fault> chosen) {
    faults = chosen;
    return this;
  }

  /** Breaks a share of the requests that meet a condition, the same ones for the same seed. */
  public FaultProxy share(double share, long seed, Predicate<Request> which, Fault... kinds) {
    Random random = new Random(seed);
    return faults(
        request -> {
          synchronized (random) {
            return which.test(request) && random.nextDouble() < share
                ? kinds[random.nextInt(kinds.length)]
                : Fault.NONE;
          }
        });
  }

  /** Waits before each answer. */
  public FaultProxy latency(Duration before) {
    latency = before;
    return this;
  }

  /** Limits the bytes that each connection gets. */
  public FaultProxy bandwidth(long bytesPerSecondAndConnection) {
    bytesPerSecond = bytesPerSecondAndConnection;
    return this;
  }

  /** Ends all faults and delays. */
  public void calm() {
    faults(request -> Fault.NONE).latency(Duration.ZERO).bandwidth(Long.MAX_VALUE);
  }

  /** Returns what was asked and answered since the last call, and forgets it. */
  public List<Exchange> takeLog() {
    synchronized (log) {
      awaitPending();
      List<Exchange> taken = List.copyOf(log);
      log.clear();
      return taken;
    }
  }

  /** Returns what was asked and answered since the last {@link #takeLog}. */
  public List<Exchange> log() {
    synchronized (log) {
      awaitPending();
      return List.copyOf(log);
    }
  }

  /** A client has its answer a moment before the request is in the log. */
  private void awaitPending() {
    long due = System.nanoTime() + LOG_AT_MOST.toNanos();
    try {
      for (long left = LOG_AT_MOST.toMillis();
          left > 0 && !pending.isEmpty();
          left = TimeUnit.NANOSECONDS.toMillis(due - System.nanoTime())) {
        log.wait(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    door.close();
    for (Socket socket : open) {
      socket.close();
    }
  }

  private void accept() {
    while (!door.isClosed()) {
      try {
        Socket client = door.accept();
        open.add(client);
        daemon("fault-proxy-connection", () -> serve(client));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void daemon(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  private void serve(Socket client) {
    try (client) {
      client.setTcpNoDelay(true);
      InputStream from = new BufferedInputStream(client.getInputStream(), BUFFER);
      for (String head = head(from); !head.isEmpty(); head = head(from)) {
        Request request = Request.parse(numbers.incrementAndGet(), head);
        synchronized (log) {
          pending.add(request);
        }
        try {
          if (!exchange(request, from, client)) {
            return;
          }
        } finally {
          done(request);
        }
      }
    } catch (IOException e) {
      // One side has gone; the other one learns of it by the closed connection.
    } finally {
      open.remove(client);
    }
  }

  /** Serves one request; returns whether the connection may serve another one. */
  private boolean exchange(Request request, InputStream from, Socket client) throws IOException {
    Fault fault = faults.apply(request);
    if (request.header("expect").equalsIgnoreCase("100-continue")) {
      send(client.getOutputStream(), "HTTP/1.1 100 Continue\r\n\r\n");
    }
    Body body =
        Body.of(request.header("content-length"), request.header("transfer-encoding"), false);
    if (fault.kind() == Fault.Kind.STATUS || fault.kind() == Fault.Kind.RESET_BEFORE) {
      body.copy(from, OutputStream.nullOutputStream(), Long.MAX_VALUE, Long.MAX_VALUE);
      pause(latency);
      int status = (int) fault.value();
      note(request, status, 0);
      if (fault.kind() == Fault.Kind.RESET_BEFORE) {
        reset(client);
        return false;
      }
      send(client.getOutputStream(), errorAnswer(status, request.method().equals("HEAD")));
      return true;
    }
    // A connection for each request: one that was kept might end just before the next one.
    try (Socket behind = new Socket(server.getHost(), server.getPort())) {
      open.add(behind);
      behind.setTcpNoDelay(true);
      send(behind.getOutputStream(), request.headWithoutExpect());
      body.copy(from, behind.getOutputStream(), Long.MAX_VALUE, Long.MAX_VALUE);
      behind.getOutputStream().flush();
      pause(latency);
      return answer(request, fault, behind, client);
    } finally {
      open.removeIf(Socket::isClosed);
    }
  }

  private boolean answer(Request request, Fault fault, Socket behind, Socket client)
      throws IOException {
    InputStream answers = new BufferedInputStream(behind.getInputStream(), BUFFER);
    Request.Answer answer = Request.Answer.parse(head(answers));
    OutputStream to = client.getOutputStream();
    Body body =
        Body.of(
            answer.header("content-length"),
            answer.header("transfer-encoding"),
            answer.hasNoBody(request.method()));
    if (fault.kind() == Fault.Kind.STALL && body.length() == 0) {
      note(request, answer.status(), 0);
      pause(STALL_AT_MOST);
      return false;
    }
    boolean wrongLength = fault.kind() == Fault.Kind.LENGTH && body.length() > 0;
    send(to, wrongLength ? answer.withLength(body.length() + fault.value()) : answer.head());
    boolean breaks =
        fault.kind() == Fault.Kind.RESET
            || fault.kind() == Fault.Kind.CUT
            || fault.kind() == Fault.Kind.STALL;
    long passed = 0;
    try {
      passed = body.copy(answers, to, breaks ? fault.value() : Long.MAX_VALUE, bytesPerSecond);
      to.flush();
    } finally {
      note(request, answer.status(), passed);
    }
    if (fault.kind() == Fault.Kind.STALL) {
      pause(STALL_AT_MOST);
    }
    if (fault.kind() == Fault.Kind.RESET) {
      reset(client);
    }
    return !breaks && !wrongLength && !answer.header("connection").equalsIgnoreCase("close");
  }

  private void note(Request request, int status, long bytes) {
    synchronized (log) {
      log.add(new Exchange(request, status, bytes));
    }
    done(request);
  }

  private void done(Request request) {
    synchronized (log) {
      pending.remove(request);
      log.notifyAll();
    }
  }

  private static void reset(Socket client) throws IOException {
    client.setSoLinger(true, 0);
    client.close();
  }

  private static void pause(Duration duration) throws IOException {
    try {
      Thread.sleep(duration.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /** Stores' own errors, which their clients tell apart by the code in the body or a header. */
  private static String errorAnswer(int status, boolean withoutBody) {
    String code =
        switch (status) {
          case 403 -> "AccessDenied";
          case 404 -> "NoSuchKey";
          case 503 -> "SlowDown";
          default -> "InternalError";
        };
    String body = "<Error><Code>" + code + "</Code><Message>by the proxy</Message></Error>";
    return "HTTP/1.1 "
        + status
        + " Fault\r\nContent-Type: application/xml\r\nContent-Length: "
        + body.length()
        + "\r\n\r\n"
        + (withoutBody ? "" : body);
  }

  private static void send(OutputStream to, String text) throws IOException {
    to.write(text.getBytes(StandardCharsets.ISO_8859_1));
    to.flush();
  }

  /** Reads up to the empty line, which is part of what is returned; empty if nothing comes. */
  private static String head(InputStream from) throws IOException {
    StringBuilder head = new StringBuilder();
    for (int c = from.read(); c >= 0; c = from.read()) {
      head.append((char) c);
      if (c == '\n' && head.length() >= 4 && head.substring(head.length() - 4).equals("\r\n\r\n")) {
        return head.toString();
      }
    }
    if (head.length() > 0) {
      throw new IOException("the connection ended in a head");
    }
    return "";
  }
}
