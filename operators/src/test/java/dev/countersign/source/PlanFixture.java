package dev.countersign.source;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.CatalogSource;
import dev.countersign.hashing.HashKernels;
import dev.countersign.hashing.KernelChoice;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.keys.KeyPairFiles;
import dev.countersign.keys.PassphraseSource;
import dev.countersign.keys.PublicKeyFile;
import dev.countersign.oms.Bundle;
import dev.countersign.oms.BundleJson;
import dev.countersign.oms.Digest;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.Resource;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.ShardAlgorithm;
import dev.countersign.outcome.FaultSettings;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.DifferenceCounts;
import dev.countersign.schemas.EnumeratorState;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.RangeDigest;
import dev.countersign.schemas.UnitRange;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.schemas.Verdict;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.signing.BundleSigner;
import dev.countersign.signing.KeySigner;
import dev.countersign.signing.KeySigningSettings;
import dev.countersign.source.checkpoint.CommandFingerprint;
import dev.countersign.source.checkpoint.UnitJournal;
import dev.countersign.source.feed.CatalogFeed;
import dev.countersign.source.ledger.UnitQueue;
import dev.countersign.source.planning.ExistingBundle;
import dev.countersign.source.planning.ModelPlanner;
import dev.countersign.source.planning.ModelPlanner.EarlierWork;
import dev.countersign.source.planning.PlanSettings;
import dev.countersign.source.planning.PlanningPool;
import dev.countersign.source.planning.ResignSettings;
import dev.countersign.source.reading.ReadAhead;
import dev.countersign.source.reading.ReadSettings;
import dev.countersign.source.reading.UnitHasher;
import dev.countersign.source.signals.RunSession;
import dev.countersign.source.units.ModelPlan;
import dev.countersign.source.units.ModelSplit;
import dev.countersign.source.units.WindowSettings;
import dev.countersign.trust.TrustException;
import dev.countersign.verification.KeyVerificationSettings;
import dev.countersign.verification.VerificationSettings;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.jspecify.annotations.Nullable;

/** Plans, signs and hashes models in a folder as a run would, without Flink. */
public final class PlanFixture {

  /** Never cancels and listens to nothing. */
  public static final UnitHasher.Watch UNWATCHED =
      new UnitHasher.Watch() {
        @Override
        public void progressed(int bytes) {}

        @Override
        public void reading(Closeable input) {}

        @Override
        public boolean isCancelled() {
          return false;
        }
      };

  private final Path folder;
  private final Path privateKey;

  public Operation operation = Operation.SIGN;
  public Serialization serialization = Serialization.files(HashAlgorithm.SHA256);
  public List<String> ignorePaths = List.of();
  public boolean ignoreGitPaths = true;
  public List<String> symlinkRoots = List.of();
  public List<String> signatureRoots = List.of();
  public boolean ignoreUnsigned;
  public ExistingBundle existing = ExistingBundle.REPLACE;
  public VerificationSettings trusted;
  public OmsBounds bounds = OmsBounds.defaults();
  int maxDepth = 100;
  public long maxFiles = 1_000_000;
  public long maxFileBytes = Long.MAX_VALUE;
  int maxDifferences = 10_000;
  public WindowSettings window = WindowSettings.defaults();
  public String bundle = "";

  /** Fixed part of the glob that matches models; empty if they are named. */
  public String globRoot = "";

  public ResignSettings resigning;
  public PlanSettings.Incremental incremental = PlanSettings.Incremental.NONE;
  public Clock clock = Clock.systemUTC();

  /** Keeps a new key pair in {@code folder}. */
  public PlanFixture(Path folder) throws IOException {
    this.folder = folder;
    KeyPair pair = KeyPairFiles.generate("P-256");
    privateKey = folder.resolve("test.key");
    Files.write(privateKey, KeyPairFiles.privatePem(pair.getPrivate(), Optional.empty()));
    trusted = new KeyVerificationSettings(List.of(PublicKeyFile.pem(pair.getPublic())));
  }

  public PlanSettings settings() {
    return new PlanSettings(
        operation,
        "run",
        serialization,
        new PlanSettings.Ignored(ignorePaths, ignoreGitPaths, ignoreUnsigned),
        new PlanSettings.Folders(folder.toString(), symlinkRoots, signatureRoots),
        new PlanSettings.Bundles(
            existing, trusted, operation == Operation.RESIGN ? resigning : null),
        new PlanSettings.Limits(bounds, maxDepth, maxFiles, maxFileBytes, maxDifferences),
        incremental);
  }

  /** The entry of a model; its bundle lies where it does by default, or at {@link #bundle}. */
  public CatalogEntry entry(Path model) {
    String beside =
        Files.isDirectory(model) ? model.resolve("model.sig").toString() : model + ".sig";
    return CatalogEntry.builder(0, model.toString())
        .name(model.getFileName().toString())
        .bundle(bundle.isEmpty() ? beside : bundle)
        .globRoot(globRoot)
        .build();
  }

  public ModelPlan plan(Path model) throws Exception {
    return plan(model, EarlierWork.NONE);
  }

  public ModelPlan plan(Path model, EarlierWork earlier) throws Exception {
    return plan(entry(model), earlier);
  }

  public ModelPlan plan(CatalogEntry entry, EarlierWork earlier) throws Exception {
    ModelPlanner planner = new ModelPlanner(settings(), window, clock);
    if (!planner.isReady()) {
      planner = planner.prepare();
    }
    return planner.plan(entry, earlier);
  }

  /** What the command does that enumerators are of. */
  public Map<String, String> command = Map.of();

  /** An enumerator of {@code catalog} that is not started; its readers register with a context. */
  public ModelEnumerator enumerator(
      SplitEnumeratorContext<ModelSplit> context,
      CatalogSource catalog,
      FaultSettings faults,
      @Nullable EnumeratorState saved,
      boolean again)
      throws KeyFormatException, TrustException {
    return new ModelEnumerator(
        context,
        new CatalogFeed(catalog, saved),
        new RunSettings(
            new CommandFingerprint(command),
            settings(),
            window,
            ReadSettings.defaults(),
            faults,
            new RunSession("session"),
            again),
        new PlanningPool(
            new ModelPlanner(settings(), window, clock),
            window.planners(),
            Duration.ofMinutes(5),
            sent -> {}),
        UnitQueue.of(faults),
        saved,
        UnitJournal.of("run", new RunSession(UUID.randomUUID().toString())),
        again);
  }

  public Verdict verdict(Path model) throws Exception {
    return Objects.requireNonNull(plan(model).verdict(), "no verdict");
  }

  /** Signs {@code model} with this fixture's key and settings. */
  public void sign(Path model) throws Exception {
    Operation before = operation;
    operation = Operation.SIGN;
    ModelPlan plan = plan(model);
    operation = before;
    write(model, sign(plan, hash(plan)));
  }

  /** Signs any statement as the one of {@code model}. */
  public void sign(Path model, Manifest manifest) throws Exception {
    write(model, sign(manifest));
  }

  /** Signs what a plan came to, with this fixture's key and settings. */
  public Bundle sign(ModelPlan plan, List<UnitRecord> records) throws Exception {
    List<Resource> resources = new ArrayList<>();
    for (UnitRecord record : records) {
      for (RangeDigest digest : record.getDigests()) {
        resources.add(resource(digest));
      }
    }
    ModelHeader header = plan.units().get(0).getHeader();
    return sign(
        Manifest.sorted(
            header.getSubject(),
            serialization.withIgnorePaths(header.getIgnorePaths()),
            resources));
  }

  private Bundle sign(Manifest manifest) throws Exception {
    try (BundleSigner bundles =
        new BundleSigner(signer(), ShardAlgorithm.CLIENT, Optional.empty())) {
      return bundles.sign(manifest);
    }
  }

  /** The signer with this fixture's key. */
  public KeySigner signer() throws Exception {
    return KeySigner.load(new KeySigningSettings(privateKey.toString(), PassphraseSource.NONE));
  }

  private void write(Path model, Bundle bundle) throws Exception {
    Files.write(Path.of(entry(model).bundle()), BundleJson.write(bundle));
  }

  /** Does all units of {@code plan}. */
  public List<UnitRecord> hash(ModelPlan plan) throws Exception {
    List<UnitRecord> records = new ArrayList<>();
    try (ReadAhead readAhead = new ReadAhead("test-read-ahead", 1 << 16)) {
      UnitHasher hasher =
          new UnitHasher(readAhead, maxDifferences, false, HashKernels.of(KernelChoice.JDK));
      for (WorkUnit unit : plan.units()) {
        records.add(hasher.hash(unit, UNWATCHED));
      }
    }
    return records;
  }

  /** Names of what a plan reads, as resources are named. */
  public static List<String> names(ModelPlan plan) {
    List<String> names = new ArrayList<>();
    for (WorkUnit unit : plan.units()) {
      for (UnitRange range : unit.getRanges()) {
        names.add(
            range.getEnd() < 0
                ? range.getName()
                : range.getName() + ":" + range.getStart() + ":" + range.getEnd());
      }
    }
    return names;
  }

  /** What planning found to differ: "KIND name". */
  public static List<String> differences(ModelPlan plan) {
    List<String> differences = new ArrayList<>();
    for (WorkUnit unit : plan.units()) {
      for (Difference difference : unit.getDifferences()) {
        differences.add(difference.getKind() + " " + difference.getName());
      }
    }
    return differences;
  }

  /** What planning counted: missing, extra, changed. */
  public static List<Long> counts(ModelPlan plan) {
    DifferenceCounts counts = plan.units().get(0).getCounts();
    return List.of(counts.getMissing(), counts.getExtra(), counts.getChanged());
  }

  private static Resource resource(RangeDigest range) {
    byte[] bytes = new byte[range.getDigest().remaining()];
    range.getDigest().duplicate().get(bytes);
    Digest digest = Digest.of(bytes);
    return range.getEnd() < 0
        ? Resource.whole(range.getName(), digest)
        : new Resource(range.getName(), range.getStart(), range.getEnd(), digest);
  }
}
