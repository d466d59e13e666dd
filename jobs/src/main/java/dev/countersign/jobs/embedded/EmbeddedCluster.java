package dev.countersign.jobs.embedded;

import java.lang.reflect.Constructor;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.apache.flink.api.common.JobSubmissionResult;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.failure.FailureEnricher;
import org.apache.flink.runtime.application.SingleJobApplication;
import org.apache.flink.runtime.blob.BlobServer;
import org.apache.flink.runtime.clusterframework.types.ResourceID;
import org.apache.flink.runtime.dispatcher.ArchivedApplicationStore;
import org.apache.flink.runtime.dispatcher.DispatcherOperationCaches;
import org.apache.flink.runtime.dispatcher.PartialDispatcherServices;
import org.apache.flink.runtime.dispatcher.SessionDispatcherFactory;
import org.apache.flink.runtime.dispatcher.VoidHistoryServerArchivist;
import org.apache.flink.runtime.dispatcher.runner.DefaultDispatcherRunnerFactory;
import org.apache.flink.runtime.dispatcher.runner.DispatcherRunner;
import org.apache.flink.runtime.entrypoint.ClusterInformation;
import org.apache.flink.runtime.entrypoint.component.DispatcherResourceManagerComponent;
import org.apache.flink.runtime.entrypoint.component.DispatcherResourceManagerComponentFactory;
import org.apache.flink.runtime.heartbeat.HeartbeatServices;
import org.apache.flink.runtime.highavailability.HighAvailabilityServices;
import org.apache.flink.runtime.jobmanager.HaServicesPersistenceComponentFactory;
import org.apache.flink.runtime.leaderretrieval.LeaderRetrievalService;
import org.apache.flink.runtime.metrics.MetricRegistry;
import org.apache.flink.runtime.metrics.groups.JobManagerMetricGroup;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.resourcemanager.ResourceManagerGateway;
import org.apache.flink.runtime.resourcemanager.ResourceManagerId;
import org.apache.flink.runtime.resourcemanager.ResourceManagerService;
import org.apache.flink.runtime.resourcemanager.ResourceManagerServiceImpl;
import org.apache.flink.runtime.resourcemanager.StandaloneResourceManagerFactory;
import org.apache.flink.runtime.rest.RestService;
import org.apache.flink.runtime.rpc.FatalErrorHandler;
import org.apache.flink.runtime.rpc.RpcService;
import org.apache.flink.runtime.rpc.RpcUtils;
import org.apache.flink.runtime.security.token.DelegationTokenManager;
import org.apache.flink.runtime.webmonitor.retriever.MetricQueryServiceRetriever;
import org.apache.flink.runtime.webmonitor.retriever.impl.RpcGatewayRetriever;
import org.apache.flink.streaming.api.graph.ExecutionPlan;
import org.apache.flink.util.concurrent.ExponentialBackoffRetryStrategy;

/**
 * Flink cluster in this process that no other process can reach. A REST endpoint or a BLOB server
 * would let every account of the machine run code as the user of this process; {@code
 * web.submit.enable} does not stop that. With shared RPC and one task manager nothing else of
 * Flink's listens.
 */
final class EmbeddedCluster extends MiniCluster {

  /** As in Flink's own factory. */
  private static final ExponentialBackoffRetryStrategy RETRIES =
      new ExponentialBackoffRetryStrategy(12, Duration.ofMillis(10), Duration.ofMillis(50));

  /** Stands where a component expects its REST endpoint. */
  private record NoRestService() implements RestService {

    @Override
    public int getRestPort() {
      return -1;
    }

    @Override
    public CompletableFuture<Void> closeAsync() {
      return CompletableFuture.completedFuture(null);
    }
  }

  EmbeddedCluster(MiniClusterConfiguration configuration) {
    super(configuration);
  }

  /** Submits a job whose classes are in this process: there are no files to upload. */
  @Override
  public CompletableFuture<JobSubmissionResult> submitJob(ExecutionPlan plan) {
    return getDispatcherGatewayFuture()
        .thenCompose(
            dispatcher ->
                dispatcher.submitApplication(new SingleJobApplication(plan), RpcUtils.INF_TIMEOUT))
        .thenApply(accepted -> new JobSubmissionResult(plan.getJobID()));
  }

  @Override
  protected DispatcherResourceManagerComponentFactory
      createDispatcherResourceManagerComponentFactory() {
    return EmbeddedCluster::components;
  }

  /**
   * Makes dispatcher and resource manager as Flink's own factory does, but without a REST endpoint
   * and without a BLOB server that listens.
   *
   * <p>Flink's factory always starts an endpoint, whose {@code start} is final. The component's
   * constructor is package-private, so it is called by reflection: a class of ours in Flink's
   * package would work as well, but would split that package over two jars.
   *
   * <p>{@code MiniCluster.start} always makes a BLOB server. It is closed here, before there is a
   * job. Nothing needs it: the classes of a job are in this process, and {@link
   * EmbeddedConfiguration} keeps descriptors of tasks in messages, which do not leave the process
   * either.
   */
  private static DispatcherResourceManagerComponent components(
      Configuration configuration,
      ResourceID resourceId,
      Executor ioExecutor,
      RpcService rpcService,
      HighAvailabilityServices services,
      BlobServer blobServer,
      HeartbeatServices heartbeats,
      DelegationTokenManager delegationTokens,
      MetricRegistry metrics,
      ArchivedApplicationStore archive,
      MetricQueryServiceRetriever metricQueries,
      Collection<FailureEnricher> failureEnrichers,
      FatalErrorHandler fatalErrors)
      throws Exception {
    blobServer.close();
    String host = RpcUtils.getHostname(rpcService);
    RpcGatewayRetriever<ResourceManagerId, ResourceManagerGateway> resourceManagerGateway =
        new RpcGatewayRetriever<>(
            rpcService, ResourceManagerGateway.class, ResourceManagerId::fromUuid, RETRIES);
    ResourceManagerService resourceManager =
        ResourceManagerServiceImpl.create(
            StandaloneResourceManagerFactory.getInstance(),
            configuration,
            resourceId,
            rpcService,
            services,
            heartbeats,
            delegationTokens,
            fatalErrors,
            new ClusterInformation(host, blobServer.getPort()),
            null,
            metrics,
            host,
            ioExecutor);
    DispatcherOperationCaches operations = new DispatcherOperationCaches();
    DispatcherRunner dispatcher =
        DefaultDispatcherRunnerFactory.createSessionRunner(SessionDispatcherFactory.INSTANCE)
            .createDispatcherRunner(
                services.getDispatcherLeaderElection(),
                fatalErrors,
                new HaServicesPersistenceComponentFactory(services),
                ioExecutor,
                rpcService,
                new PartialDispatcherServices(
                    configuration,
                    services,
                    resourceManagerGateway,
                    blobServer,
                    heartbeats,
                    () -> JobManagerMetricGroup.createJobManagerMetricGroup(metrics, host),
                    archive,
                    fatalErrors,
                    VoidHistoryServerArchivist.INSTANCE,
                    metrics.getMetricQueryServiceGatewayRpcAddress(),
                    ioExecutor,
                    operations,
                    failureEnrichers));
    resourceManager.start();
    LeaderRetrievalService resourceManagerLeader = services.getResourceManagerLeaderRetriever();
    resourceManagerLeader.start(resourceManagerGateway);
    Constructor<DispatcherResourceManagerComponent> constructor =
        DispatcherResourceManagerComponent.class.getDeclaredConstructor(
            DispatcherRunner.class,
            ResourceManagerService.class,
            LeaderRetrievalService.class,
            LeaderRetrievalService.class,
            RestService.class,
            FatalErrorHandler.class,
            DispatcherOperationCaches.class);
    constructor.setAccessible(true);
    return constructor.newInstance(
        dispatcher,
        resourceManager,
        services.getDispatcherLeaderRetriever(),
        resourceManagerLeader,
        new NoRestService(),
        fatalErrors,
        operations);
  }
}
