package io.engagementwebhooks.bench;

import io.engagementwebhooks.testkit.Postgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/** Resource use of a local PostgreSQL server, over all its processes; 0 without a server. Linux only; elsewhere 0. */
final class StoreServer {

    private static final Path PROC = Path.of("/proc");

    /** Fields of {@code /proc/PID/stat} after the name in brackets: proc(5) counts from 1, and the name is its second. */
    private static final int PARENT = 4 - 3;

    private static final int USER_TIME = 14 - 3;

    /** Linux counts so for programs, whatever its kernel does. */
    private static final long TICKS_A_SECOND = 100;

    private final OptionalLong first;

    private StoreServer(OptionalLong first) {
        this.first = first;
    }

    /** @param database its URL, or null: there is no server */
    static StoreServer of(String database) {
        if (database == null) {
            return new StoreServer(OptionalLong.empty());
        }
        try (Connection connection = Postgres.connect(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW data_directory")) {
            row.next();
            return new StoreServer(
                    OptionalLong.of(Long.parseLong(Files.readAllLines(Path.of(row.getString(1), "postmaster.pid"))
                            .get(0))));
        } catch (SQLException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Processor time, that of its processes which have ended included. */
    Duration cpu() {
        long ticks = sum(pid -> {
            List<String> stat = stat(pid);
            // for the first, including ended children
            int fields = first.getAsLong() == pid ? 4 : 2;
            return stat.isEmpty()
                    ? 0
                    : stat.subList(USER_TIME, USER_TIME + fields).stream()
                            .mapToLong(Long::parseLong)
                            .sum();
        });
        return Duration.ofMillis(ticks * 1000 / TICKS_A_SECOND);
    }

    /** Memory in MB; what its processes share counts once. */
    long residentMb() {
        return sum(pid -> lines(PROC.resolve(pid + "/smaps_rollup")).stream()
                        .filter(line -> line.startsWith("Pss:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .sum())
                / 1024;
    }

    private long sum(ToLongFunction<Long> of) {
        if (first.isEmpty() || !Files.isDirectory(PROC)) {
            return 0;
        }
        try (Stream<Path> processes = Files.list(PROC)) {
            return processes
                    .map(path -> path.getFileName().toString())
                    .filter(name -> name.chars().allMatch(Character::isDigit))
                    .map(Long::valueOf)
                    .filter(this::isOfServer)
                    .mapToLong(of)
                    .sum();
        } catch (IOException e) {
            return 0;
        }
    }

    private boolean isOfServer(long pid) {
        List<String> stat = stat(pid);
        return pid == first.getAsLong()
                || !stat.isEmpty() && stat.get(PARENT).equals(String.valueOf(first.getAsLong()));
    }

    private static List<String> stat(long pid) {
        List<String> lines = lines(PROC.resolve(pid + "/stat"));
        return lines.isEmpty()
                ? List.of()
                : Arrays.asList(lines.get(0)
                        .substring(lines.get(0).lastIndexOf(')') + 2)
                        .split(" "));
    }

    /** The fields of a process; empty if it has ended. */
    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of();
        }
    }
}
