package io.engagementwebhooks.tls;

import java.security.AlgorithmConstraints;
import java.security.AlgorithmParameters;
import java.security.CryptoPrimitive;
import java.security.Key;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/**
 * Refuses Diffie-Hellman over finite fields in TLS: the groups {@code ffdhe} and the cipher suites {@code DHE}. A peer
 * that offers only the largest group makes this side compute for 20 ms per hello, at no cost to itself
 * (CVE-2002-20001). The elliptic groups and the JDK's post-quantum hybrids remain. It uses algorithm constraints, since
 * JDK 17 cannot set the groups of an engine. Immutable, thread-safe.
 */
public final class EllipticGroups implements AlgorithmConstraints {

    private static final EllipticGroups ONLY = new EllipticGroups();

    private EllipticGroups() {}

    /** Restricts an engine, before its handshake. @return the engine */
    public static SSLEngine restrict(SSLEngine engine) {
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setAlgorithmConstraints(ONLY);
        engine.setSSLParameters(parameters);
        return engine;
    }

    /** @param algorithm a group, a cipher suite, or an algorithm of a certificate or a signature */
    @Override
    public boolean permits(Set<CryptoPrimitive> use, String algorithm, AlgorithmParameters parameters) {
        return !algorithm.startsWith("ffdhe") && !algorithm.startsWith("TLS_DH") && !algorithm.equals("DiffieHellman");
    }

    @Override
    public boolean permits(Set<CryptoPrimitive> use, Key key) {
        return true;
    }

    @Override
    public boolean permits(Set<CryptoPrimitive> use, String algorithm, Key key, AlgorithmParameters parameters) {
        return permits(use, algorithm, parameters);
    }
}
