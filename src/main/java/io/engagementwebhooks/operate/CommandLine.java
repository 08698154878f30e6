package io.engagementwebhooks.operate;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import io.engagementwebhooks.config.VaultFault;
import io.engagementwebhooks.config.schema.ConfigFaults;
import io.engagementwebhooks.operate.listen.Listen;
import io.engagementwebhooks.operate.log.WarningCollector;
import io.engagementwebhooks.operate.routes.RouteCheck;
import io.engagementwebhooks.operate.routes.RouteFiles;
import io.engagementwebhooks.operate.settings.BundledDefaults;
import io.engagementwebhooks.operate.settings.Profile;
import io.engagementwebhooks.operate.settings.Settings;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.postgres.PostgresAddress;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.signing.Ed25519Key;
import io.engagementwebhooks.webhook.signing.HmacKey;
import java.io.IOException;
import java.io.PrintStream;
import java.net.BindException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.camel.support.ExceptionHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The command line of the jar. */
public final class CommandLine {

    private static final String HELP =
            """
            Engagement Webhooks %s: sends engagement events to webhooks, and does not lose one.

            java -XX:+ExitOnOutOfMemoryError -jar engagement-webhooks.jar [options]

              (none)                  run, with ./application.properties, ./routes and ./webhooks.yaml where they exist
              --routes DIR            run this set of routes instead
              --apply                 run, and apply webhooks.yaml although a newer one was applied to the store: a rollback
              --backup FILE           copy the SQLite store to a file, also while the product runs; the store's key is not in it
              --copy-to URL           copy the SQLite store of a stopped product to an empty PostgreSQL database, such as
                                      jdbc:postgresql://host/database, as webhooks.store.user with webhooks.store.password;
                                      a copy that was interrupted continues
              --rekey                 give the store another key, while the product is stopped: a new one in <store>.key, or
                                      webhooks.store.next-key; back the new key up with the store afterwards. A store in
                                      PostgreSQL: while every instance is stopped
              --forget-sealed         where the store's key is lost: drop what was sealed with it (definitions, refresh
                                      tokens that Salesforce renewed), while the product is stopped; the next start reads
                                      webhooks.yaml
              --erase-again FILE      after a restore, while the product is stopped: repeat the erasures of receipts, which the file
                                      holds as GET /v1/erasures answered them, for events accepted before each receipt
              --check                 check all that a start would refuse or warn of: settings, routes, webhooks.yaml, the store and
                                      its key; changes nothing. Exit code 1 if there are faults, 0 if there are warnings alone
              --print-defaults DIR    write the default application.properties, routes and kamelet-catalog to a folder,
                                      and webhooks.schema.json, by which editors complete webhooks.yaml
              --new-signing-key v1|v1a
                                      print a new key for 'signingKeys': a shared secret (v1) or a key pair (v1a)
              listen                  pass the requests of an installation to a receiver on this machine while it runs, and print
                                      each response; the environment variable ENGAGEMENT_WEBHOOKS_KEY has an API key of role read
                --to URL              the receiver, such as http://localhost:3000/hook
                --url URL             the installation, such as https://hooks.example.com
                --events TYPES        only events of these types, such as call.ended,call.*
                --webhook NAME        requests as this webhook builds them; otherwise whole events
              --trial-run             deliver events over loopback from a temporary folder and end: with
                                      -XX:ArchiveClassesAtExit=FILE before -jar it makes a class-data archive, for faster
                                      starts with -XX:SharedArchiveFile=FILE; bin/engagement-webhooks does it by itself
              --version               print the versions of the product, the store's tables and Camel, and the commit
              --help                  print this

            Every setting is described in application.properties; any can be given as -Dwebhooks.… before -jar, or as an
            environment variable such as WEBHOOKS_STORE_URL.
            """;

    private static final Logger LOG = LoggerFactory.getLogger(CommandLine.class);

    private final PrintStream out;
    private final PrintStream err;
    private final Path folder;
    private final Running running;

    private CommandLine(Path folder, PrintStream out, PrintStream err, Running running) {
        this.folder = folder;
        this.out = out;
        this.err = err;
        this.running = running;
    }

    /** Runs a product until it stops. */
    interface Running {
        void run(Product product) throws Exception;
    }

    /** @return the exit code: 0: success, 1: faults found, 2: invalid arguments */
    public static int run(String... arguments) {
        NettyMemory.avoidWarnings();
        WireLogs.silence();
        try {
            return in(Path.of("").toAbsolutePath(), System.out, System.err, arguments);
        } finally {
            // flushes the asynchronous log
            ((LoggerContext) LoggerFactory.getILoggerFactory()).stop();
        }
    }

    /** As {@link #run}, in a folder, for tests. */
    public static int in(Path folder, PrintStream out, PrintStream err, String... arguments) {
        return in(folder, out, err, Product::run, arguments);
    }

    /** As {@link #run}, in a folder and in a process that continues. */
    static int in(Path folder, PrintStream out, PrintStream err, Running running, String... arguments) {
        return new CommandLine(folder, out, err, running).execute(List.of(arguments));
    }

    private int execute(List<String> arguments) {
        Path routes = null;
        boolean check = false;
        boolean apply = false;
        Consumer<StoreCommands> command = null;
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            switch (argument) {
                case "--help", "-h" -> {
                    out.print(HELP.formatted(Version.TEXT));
                    return 0;
                }
                case "--version" -> {
                    out.print(Version.ofBuild().text());
                    return 0;
                }
                case "listen" -> {
                    return Listen.run(out, err, System.getenv(Listen.KEY), arguments.subList(i + 1, arguments.size()));
                }
                case "--trial-run" -> {
                    return classArchiveRun();
                }
                case "--check" -> check = true;
                case "--apply" -> apply = true;
                case "--rekey" -> command = StoreCommands::rekey;
                case "--forget-sealed" -> command = StoreCommands::forgetSealed;
                case "--backup" -> {
                    if (i + 1 == arguments.size()) {
                        return invalidArguments("--backup needs the file to make");
                    }
                    Path file = folder.resolve(arguments.get(++i));
                    command = commands -> commands.backup(file);
                }
                case "--erase-again" -> {
                    if (i + 1 == arguments.size()) {
                        return invalidArguments("--erase-again needs the file with receipts");
                    }
                    Path file = folder.resolve(arguments.get(++i));
                    command = commands -> commands.eraseAgain(file);
                }
                case "--copy-to" -> {
                    String url = i + 1 == arguments.size() ? "" : arguments.get(++i);
                    Optional<String> fault = PostgresAddress.fault(url);
                    if (fault.isPresent()) {
                        return invalidArguments("the URL of --copy-to " + fault.get());
                    }
                    command = commands -> commands.copyTo(url);
                }
                case "--routes", "--print-defaults" -> {
                    if (i + 1 == arguments.size()) {
                        return invalidArguments(argument + " needs a folder");
                    }
                    Path given = Path.of(arguments.get(++i));
                    if (argument.equals("--print-defaults")) {
                        return printDefaults(given);
                    }
                    routes = given;
                }
                case "--new-signing-key" -> {
                    return newSigningKey(i + 1 < arguments.size() ? arguments.get(i + 1) : "");
                }
                default -> {
                    return invalidArguments("there is no option " + argument);
                }
            }
        }
        return command == null ? runOrCheck(routes, check, apply) : onStore(command);
    }

    private int invalidArguments(String what) {
        err.println(what + "; see --help");
        return 2;
    }

    /** Prints only keys and values of the configuration file, so that the output can be pasted or piped. */
    private int newSigningKey(String scheme) {
        SecureRandom random = new SecureRandom();
        switch (scheme) {
            case "v1" ->
                out.println("secret: " + HmacKey.generate(random).text().reveal());
            case "v1a" -> {
                Ed25519Key pair = Ed25519Key.generate(random);
                out.println("privateKey: " + pair.privateText().reveal());
                out.println("# for receivers, who find it at /.well-known/jwks.json too: " + pair.publicText());
            }
            default -> {
                return invalidArguments("--new-signing-key needs v1 (a shared secret) or v1a (a key pair)");
            }
        }
        return 0;
    }

    private int classArchiveRun() {
        try {
            ClassArchiveRun.run();
            return 0;
        } catch (Exception e) {
            err.println("the trial run failed: " + ExceptionHelper.stackTraceToString(e));
            return 1;
        }
    }

    private int printDefaults(Path to) {
        try {
            for (Path written : BundledDefaults.write(to)) {
                out.println(written);
            }
            return 0;
        } catch (IOException e) {
            err.println("the defaults cannot be written to " + to + ": " + e.getMessage());
            return 1;
        }
    }

    private int onStore(Consumer<StoreCommands> command) {
        Settings settings = Settings.read(folder, System.getenv(), System.getProperties());
        if (!settings.faults().isEmpty()) {
            return printFaults(settings.faults());
        }
        List<String> faults = on(settings, command);
        return faults.isEmpty() ? 0 : printFaults(faults);
    }

    private List<String> on(Settings settings, Consumer<StoreCommands> command) {
        try {
            command.accept(new StoreCommands(settings, out));
            return List.of();
        } catch (StoreException | VaultFault e) {
            return List.of(e.getMessage());
        }
    }

    private int runOrCheck(Path routes, boolean check, boolean apply) {
        Settings settings = Settings.read(folder, System.getenv(), System.getProperties());
        List<String> faults = new ArrayList<>(settings.faults());
        if (routes != null && !Files.isDirectory(routes)) {
            faults.add("--routes " + routes + " is not a folder");
            routes = null;
        }
        RouteFiles files = RouteFiles.of(folder, routes, settings);
        if (check) {
            return check(settings, files, faults);
        }
        if (faults.isEmpty()) {
            faults.addAll(Profile.faults(settings, JvmEnvironment.ofThisProcess()));
        }
        return faults.isEmpty() ? start(settings, files, apply) : printFaults(faults);
    }

    /** Finds the faults and warnings of a start. */
    private int check(Settings settings, RouteFiles files, List<String> faults) {
        boolean hasStore = faults.stream().noneMatch(fault -> fault.contains(Settings.STORE));
        List<String> warnings = WarningCollector.during(() -> {
            Profile.warnings(settings).forEach(LOG::warn);
            faults.addAll(Profile.faults(settings, JvmEnvironment.ofThisProcess()));
            ConfigCheck.Result config = ConfigCheck.parse(settings);
            faults.addAll(config.faults());
            if (hasStore) {
                faults.addAll(on(settings, StoreCommands::check));
            }
            faults.addAll(quietly(() -> RouteCheck.faults(files, config.config(), settings)));
        });
        warnings.forEach(warning -> err.println("warning: " + warning));
        String warned = warnings.isEmpty() ? "" : ", " + count(warnings.size(), "warning");
        if (faults.isEmpty()) {
            out.println("settings, routes, configuration and store are fine" + warned);
            return 0;
        }
        faults.forEach(err::println);
        err.println(count(faults.size(), "fault") + warned);
        return 1;
    }

    private int printFaults(List<String> faults) {
        faults.forEach(err::println);
        err.println(count(faults.size(), "fault"));
        return 1;
    }

    private static String count(int number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }

    private int start(Settings settings, RouteFiles files, boolean apply) {
        try {
            Prewarm.begin(settings);
            Profile.warnings(settings).forEach(LOG::warn);
            Product product = new Product(settings, files);
            if (apply) {
                product.applyFile();
            }
            running.run(product);
            return 0;
        } catch (Exception e) {
            return printFaults(faults(e, settings, files));
        }
    }

    /** Reports a failed start that a person can fix, without a stack trace. */
    private static List<String> faults(Exception failure, Settings settings, RouteFiles files) {
        List<String> known = words(failure, settings);
        if (!known.isEmpty()) {
            return known;
        }
        List<String> ofRoutes = quietly(() -> RouteCheck.faults(files, Config.empty(), settings));
        return ofRoutes.isEmpty() ? List.of(ExceptionHelper.stackTraceToString(failure)) : ofRoutes;
    }

    private static List<String> words(Throwable failure, Settings settings) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConfigFaults faults) {
                return ConfigCheck.sentences(ActiveConfig.source(settings), faults);
            }
            if (cause instanceof StoreException || cause instanceof VaultFault) {
                return List.of(cause.getMessage());
            }
            if (cause instanceof BindException) {
                return List.of(cause.getMessage() + "; set camel.server.port or camel.management.port to another");
            }
        }
        return List.of();
    }

    /** Hides Camel's log of its scratch context. */
    private static <T> T quietly(Supplier<T> check) {
        ch.qos.logback.classic.Logger camel =
                (ch.qos.logback.classic.Logger) LoggerFactory.getLogger("org.apache.camel");
        Level before = camel.getLevel();
        camel.setLevel(Level.ERROR);
        try {
            return check.get();
        } finally {
            camel.setLevel(before);
        }
    }
}
