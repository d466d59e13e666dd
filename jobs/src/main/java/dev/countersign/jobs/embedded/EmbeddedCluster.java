package dev.countersign.jobs.embedded;

import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.common.JobSubmissionResult;
import org.apache.flink.runtime.application.SingleJobApplication;
import org.apache.flink.runtime.entrypoint.component.DispatcherResourceManagerComponentFactory;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.rpc.RpcUtils;
import org.apache.flink.streaming.api.graph.ExecutionPlan;

/**
 * Flink cluster in this process that no other process can reach. A REST endpoint or a BLOB server
 * would let every account of the machine run code as the user of this process. With shared RPC and
 * one task manager nothing else of Flink's listens.
 */
final class EmbeddedCluster extends MiniCluster {

  EmbeddedCluster(MiniClusterConfiguration configuration) {
    super(configuration);
  }

  @Override
  protected DispatcherResourceManagerComponentFactory
      createDispatcherResourceManagerComponentFactory() {
    return new EmbeddedComponents();
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
}
