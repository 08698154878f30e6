package io.engagementwebhooks.bench;

import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.ledger.Evaluation;
import io.engagementwebhooks.ledger.FairExecutor;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.ledger.Reservation;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** The cost of the ledger for an event of 1 KB, by JMH: {@code bench/ledger.sh}. Two threads, two accounts. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class LedgerCost {

    private static final int TASKS = 1_000;

    private final Ledger ledger = new Ledger(256L << 20);
    private final byte[] event = event();
    private FairExecutor fair;
    private ExecutorService plain;

    /** Run by the script. */
    public static void main(String[] arguments) throws Exception {
        new Runner(new OptionsBuilder()
                        .include(LedgerCost.class.getSimpleName())
                        .build())
                .run();
    }

    private static byte[] event() {
        StringBuilder json =
                new StringBuilder("{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/c\",\"data\":{\"n\":0");
        for (int i = 0; json.length() < 1_000; i++) {
            json.append(",\"field").append(i).append("\":\"value ").append(i).append('"');
        }
        return json.append("}}").toString().getBytes(StandardCharsets.UTF_8);
    }

    @Setup(Level.Trial)
    public void open() {
        fair = new FairExecutor("fair", 2, ledger);
        plain = Executors.newFixedThreadPool(2);
    }

    @TearDown(Level.Trial)
    public void close() {
        fair.close();
        plain.shutdownNow();
    }

    /** All uses of the ledger by an event: body, reading, tree, two evaluations. */
    @Benchmark
    @Threads(2)
    @SuppressWarnings("try")
    public long event_on_its_way() {
        String account = (Thread.currentThread().getId() & 1) == 0 ? "acme" : "globex";
        try (Reservation body = ledger.of(account).reserve(event.length)) {
            try (Reservation reading = ledger.of(account).reserve(EventJson.quickTreeBound(event))) {
                body.grow(256);
            }
            try (Reservation tree = ledger.of(account).reserve(EventJson.treeBound(event));
                    Evaluation condition = Evaluation.begin(ledger.of(account))) {
                Evaluation.use(2_000);
            }
            try (Evaluation rendering = Evaluation.begin(ledger.of(account))) {
                Evaluation.use(2_000);
            }
            return body.bytes();
        }
    }

    /** A task of the pool that charges accounts. */
    @Benchmark
    @OperationsPerInvocation(TASKS)
    public void task_of_the_fair_pool() throws InterruptedException {
        CountDownLatch done = new CountDownLatch(TASKS);
        for (int i = 0; i < TASKS; i++) {
            fair.execute((i & 1) == 0 ? "acme" : "globex", done::countDown);
        }
        done.await();
    }

    /** The same of a plain pool, to compare with. */
    @Benchmark
    @OperationsPerInvocation(TASKS)
    public void task_of_a_plain_pool() throws InterruptedException {
        CountDownLatch done = new CountDownLatch(TASKS);
        for (int i = 0; i < TASKS; i++) {
            plain.execute(done::countDown);
        }
        done.await();
    }
}
