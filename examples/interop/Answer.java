import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Answers a pulse unlinkably: exchanges an invitation for a token nobody can tie to it, and answers with that.
 *
 * <p>One file, Java 17 or newer, no dependencies; README.md beside it says what travels, byte by byte.
 *
 * <pre>
 * java Answer.java BASE INVITATION [ITEM=VALUE | BAND=VALUE ...] [--delay SECONDS] [--fingerprint HEX]
 * java Answer.java --vectors FILE
 * </pre>
 *
 * Ends with 0 when the answers are stored, 1 when something failed, 2 when it was called wrongly, and 3 when the
 * service is not to be trusted: then nothing was answered.
 */
public final class Answer {
    private static final int SIZE_OF_A_SUBMISSION = 4_096;

    public static void main(String[] words) throws Exception {
        try {
            if (words.length == 2 && words[0].equals("--vectors")) {
                Vectors.check(Json.read(Files.readString(Path.of(words[1]))));
            } else {
                answer(Call.of(words));
            }
        } catch (Usage wrong) {
            System.err.println(wrong.getMessage());
            System.err.println("usage: java Answer.java BASE INVITATION [ITEM=VALUE ...]");
            System.err.println("                        [--delay SECONDS] [--fingerprint HEX]");
            System.err.println("       java Answer.java --vectors FILE");
            System.exit(2);
        } catch (Untrusted caught) {
            System.err.println("NOT ANSWERED. This service is not to be trusted: " + caught.getMessage());
            System.err.println("Tell others who were invited. What you would have answered was not sent.");
            System.exit(3);
        } catch (IOException | Refused failed) {
            System.err.println("Failed: " + failed.getMessage());
            System.exit(1);
        }
    }

    // The order of these steps is the protocol. Nothing is exchanged before the questions and the fingerprint are
    // known, nothing is answered before the proof held, and the answers share no connection with the invitation.

    private static void answer(Call call) throws Exception {
        Json asked = new Visit(call.base()).get("/v1/pulses/" + call.pulse() + "/questionnaire");
        byte[] fingerprint = promised(asked, call);
        if (call.values().isEmpty()) {
            tell(asked);
            return;
        }
        Json body = chosen(asked, call);

        String token = exchange(call, fingerprint);
        pause(call.delay());
        new Visit(call.base()).post("/v1/pulses/" + call.pulse() + "/responses", submission(token, body), 204);
        System.out.println("Stored. Nobody can tell these answers from those of anybody else in your unit.");
    }

    /** What the policy fixed before anybody answered; the same for everybody, so ask others what they were shown. */
    private static byte[] promised(Json asked, Call call) throws Untrusted {
        Json tokens = asked.at("privacy").at("tokens");
        if (tokens.at("kinds").list().stream().noneMatch(kind -> kind.text().equals("unlinkable"))) {
            throw new Refused("this pulse takes plain tokens only; nothing was sent");
        }
        if (!tokens.at("suite").text().equals(Voprf.SUITE)) {
            throw new Untrusted("it names a suite this program does not know");
        }
        byte[] fingerprint = Bytes.fromHex(tokens.at("fingerprint").text(), 32);
        System.out.println("Fingerprint of the pulse's keys: " + Bytes.hex(fingerprint));
        if (call.fingerprint() != null && !Arrays.equals(fingerprint, call.fingerprint())) {
            throw new Untrusted("its fingerprint is not the one you were given elsewhere");
        }
        return fingerprint;
    }

    private static void tell(Json asked) {
        System.out.println("Asked, and answered by ITEM=VALUE (ITEM= prefers not to say):");
        for (Json item : asked.at("items").list()) {
            Json scale = item.at("scale");
            System.out.printf("  %s  %s (%s to %s)%n", item.at("id").text(), item.at("text").text(),
                    scale.at("low").number(), scale.at("high").number());
        }
        for (Json band : asked.at("bands").list()) {
            System.out.printf("  %s  one of %s%n", band.at("id").text(),
                    band.at("values").list().stream().map(Json::text).toList());
        }
        System.out.println("Nothing was exchanged and nothing was answered.");
    }

    /** The answers and bands as the service takes them; what is not asked is a mistake of the caller's. */
    private static Json chosen(Json asked, Call call) throws Usage {
        List<String> items = asked.at("items").list().stream().map(item -> item.at("id").text()).toList();
        List<String> bands = asked.at("bands").list().stream().map(band -> band.at("id").text()).toList();
        Map<String, Json> answers = new TreeMap<>();
        Map<String, Json> stated = new TreeMap<>();
        for (Map.Entry<String, String> one : call.values().entrySet()) {
            if (items.contains(one.getKey())) {
                answers.put(one.getKey(), new Json(one.getValue().isEmpty() ? null : Call.whole(one.getValue())));
            } else if (bands.contains(one.getKey())) {
                stated.put(one.getKey(), new Json(one.getValue()));
            } else {
                throw new Usage("not asked: " + one.getKey());
            }
        }
        return new Json(Map.of("answers", new Json(answers), "bands", new Json(stated)));
    }

    /** Invitation in, token out. The nonce and the blinding are made here and leave this machine only as the token. */
    private static String exchange(Call call, byte[] fingerprint) throws Exception {
        byte[] nonce = Bytes.random(32);
        BigInteger blind = Scalar.random();
        byte[] blinded = Voprf.blind(nonce, blind);

        Map<String, Json> request =
                Map.of("invitation", new Json(call.invitation()), "blinded", new Json(Bytes.base64(blinded)));
        Json issued = new Visit(call.base())
                .post("/v1/pulses/" + call.pulse() + "/tokens", new Json(request).write().getBytes(UTF_8), 200);
        String unit = issued.at("unit").text();
        byte[] publicKey = Bytes.fromBase64(issued.at("public_key").text(), 32);
        System.out.println("You are one of those invited in unit " + unit + ", and that is all your token tells.");

        published(issued, unit, publicKey, fingerprint);
        sameForStrangers(call, unit, publicKey);
        byte[] evaluated = Bytes.fromBase64(issued.at("evaluated").text(), 32);
        byte[] proof = Bytes.fromBase64(issued.at("proof").text(), 64);
        byte[] output = Voprf.finish(nonce, blind, evaluated, blinded, publicKey, proof);
        String name = Bytes.base64(unit.getBytes(UTF_8));
        return String.join(".", "u1", call.pulse(), name, Bytes.base64(nonce), Bytes.base64(output));
    }

    /** The unit's key must climb to the fingerprint: else it may be a key of your own, by which you are known again. */
    private static void published(Json issued, String unit, byte[] publicKey, byte[] fingerprint)
            throws Untrusted {
        if (!Arrays.equals(Keys.climb(unit, publicKey, issued.at("path").list()), fingerprint)) {
            throw new Untrusted("the key it used for you is not among those it published");
        }
    }

    /** Asked again by somebody who says nothing of herself, the service must name the very same key. */
    private static void sameForStrangers(Call call, String unit, byte[] publicKey) throws Exception {
        String name = URLEncoder.encode(unit, UTF_8).replace("+", "%20");
        String path = "/v1/pulses/" + call.pulse() + "/issuer?unit=" + name;
        byte[] shown = Bytes.fromBase64(new Visit(call.base()).get(path).at("public_key").text(), 32);
        if (!Arrays.equals(shown, publicKey)) {
            throw new Untrusted("it shows others another key for your unit");
        }
    }

    /** Who watches the wire or the clock sees an exchange and an answer: the longer between, the more others. */
    private static void pause(int seconds) throws InterruptedException {
        if (seconds == 0) {
            return;
        }
        long chosen = Bytes.CHANCE.nextLong(1_000L * seconds + 1);
        System.out.printf("Waiting %.1f s, chosen at random up to %d s: an answer that follows its token%n",
                chosen / 1e3, seconds);
        System.out.println("at once could be tied to it by the time alone. Do not end this program meanwhile: only it");
        System.out.println("has the token, and the invitation gives no other.");
        Thread.sleep(chosen);
    }

    /** Submissions have one size (a very long one, twice that): their length tells neither unit nor answers. */
    private static byte[] submission(String token, Json body) {
        Map<String, Json> whole = new TreeMap<>(body.fields());
        whole.put("token", new Json(token));
        whole.put("pad", new Json(""));
        int bare = new Json(whole).write().getBytes(UTF_8).length;
        whole.put("pad", new Json("0".repeat(Math.floorMod(-bare, SIZE_OF_A_SUBMISSION))));
        return new Json(whole).write().getBytes(UTF_8);
    }
}

/** The command line. */
record Call(String base, String invitation, String pulse, Map<String, String> values, int delay, byte[] fingerprint) {
    static Call of(String[] words) throws Usage {
        List<String> plain = new ArrayList<>();
        Map<String, String> values = new LinkedHashMap<>();
        int delay = 0;
        byte[] fingerprint = null;
        for (int at = 0; at < words.length; at++) {
            if (Set.of("--delay", "--fingerprint").contains(words[at]) && at + 1 == words.length) {
                throw new Usage(words[at] + " wants a value");
            } else if (words[at].equals("--delay")) {
                delay = Math.max(0, whole(words[++at]).intValue());
            } else if (words[at].equals("--fingerprint")) {
                fingerprint = sixtyFourDigits(words[++at]);
            } else if (plain.size() == 2 && words[at].contains("=")) {
                String[] sides = words[at].split("=", 2);
                values.put(sides[0], sides[1]);
            } else {
                plain.add(words[at]);
            }
        }
        if (plain.size() != 2 || !plain.get(1).matches("[a-z2-7]{16}\\.[A-Za-z0-9_-]{43}")) {
            throw new Usage("an address and an invitation are wanted");
        }
        String base = plain.get(0).replaceAll("/+$", "");
        return new Call(base, plain.get(1), plain.get(1).substring(0, 16), values, delay, fingerprint);
    }

    static BigInteger whole(String text) throws Usage {
        if (!text.matches("-?[0-9]{1,6}")) {
            throw new Usage("a whole number is wanted");
        }
        return new BigInteger(text);
    }

    private static byte[] sixtyFourDigits(String text) throws Usage {
        try {
            return Bytes.fromHex(text, 32);
        } catch (Untrusted wrong) {
            throw new Usage("a fingerprint has 64 hexadecimal digits");
        }
    }
}

/**
 * One visit to the service: a connection, and a TLS session, that share nothing with any other visit. Java's own
 * client keeps no cookies unless it is told to, but it would reuse both of those.
 */
final class Visit {
    private static final int ATTEMPTS = 5;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final String base;
    private final HttpClient client;

    Visit(String base) throws GeneralSecurityException {
        this.base = base;
        SSLContext unknown = SSLContext.getInstance("TLS");
        unknown.init(null, null, null);
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).sslContext(unknown)
                .connectTimeout(PATIENCE).followRedirects(HttpClient.Redirect.NEVER).build();
    }

    Json get(String path) throws Exception {
        return send(to(path).GET().build(), 200);
    }

    Json post(String path, byte[] body, int wanted) throws Exception {
        HttpRequest.BodyPublisher sent = HttpRequest.BodyPublishers.ofByteArray(body);
        return send(to(path).header("Content-Type", "application/json").POST(sent).build(), wanted);
    }

    private HttpRequest.Builder to(String path) {
        try {
            // What the program is called is said to nobody: the rarer the name, the more it tells.
            return HttpRequest.newBuilder(URI.create(base + path)).timeout(PATIENCE)
                    .header("User-Agent", "Mozilla/5.0");
        } catch (IllegalArgumentException wrong) {
            throw new Refused("the service's address is no address");
        }
    }

    /** After a lost connection or a 503 the very same is sent again, which the service answers as the first time. */
    private Json send(HttpRequest request, int wanted) throws Exception {
        for (int attempt = 1; ; attempt++) {
            try {
                HttpResponse<byte[]> reply = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
                if (reply.statusCode() == wanted) {
                    return reply.body().length == 0 ? new Json(null) : Json.read(new String(reply.body(), UTF_8));
                }
                if (reply.statusCode() != 503 || attempt == ATTEMPTS) {
                    String said = new String(reply.body(), UTF_8);
                    throw new Refused("the service said " + reply.statusCode() + " " + said);
                }
            } catch (IOException lost) {
                if (attempt == ATTEMPTS) {
                    throw new IOException("the service cannot be reached", lost);
                }
            }
            Thread.sleep(1_000L * attempt);
        }
    }
}

/** Called wrongly: a sentence for the caller. */
final class Usage extends Exception {
    Usage(String why) {
        super(why);
    }
}

/** The service refused, or cannot do what is wanted of it. */
final class Refused extends RuntimeException {
    Refused(String why) {
        super(why);
    }
}

/** The service said what an honest one does not say. */
final class Untrusted extends Exception {
    Untrusted(String why) {
        super(why);
    }
}

/** The tree over the keys of all units, in which each has one place: so there is one key of each. */
final class Keys {
    /** A place has 256 bits, and no way is longer. */
    private static final int DEEPEST = 256;

    /** Where a unit's key and its path lead to. The sides are not the service's to choose: the unit's place says them. */
    static byte[] climb(String unit, byte[] publicKey, List<Json> path) throws Untrusted {
        if (path.size() > DEEPEST) {
            throw new Untrusted("its path is longer than any can be");
        }
        byte[] name = unit.getBytes(UTF_8);
        byte[] place = Bytes.hash("SHA-256", name);
        byte[] length = ByteBuffer.allocate(4).putInt(name.length).array();
        byte[] at = Bytes.hash("SHA-256", new byte[] {0}, length, name, publicKey);
        int depth = path.size();
        for (Json step : path) {
            byte[] sibling = Bytes.fromHex(step.at("hash").text(), 32);
            boolean right = goesRight(place, --depth);
            if (!step.at("side").text().equals(right ? "left" : "right")) {
                throw new Untrusted("its path is not your unit's: there may be two keys of one unit");
            }
            at = Bytes.hash("SHA-256", new byte[] {1}, right ? sibling : at, right ? at : sibling);
        }
        return at;
    }

    /** Bit after bit of the place says where it goes from the root downwards, the highest of the first byte first. */
    private static boolean goesRight(byte[] place, int depth) {
        return (place[depth / 8] >> (7 - depth % 8) & 1) == 1;
    }
}

/** The client's side of RFC 9497 in VOPRF mode, ristretto255-SHA512, one element to a proof. */
final class Voprf {
    static final String SUITE = "ristretto255-SHA512";
    /** "OPRFV1-", the mode (1: VOPRF), "-", the suite. */
    private static final byte[] CONTEXT =
            Bytes.join("OPRFV1-".getBytes(US_ASCII), new byte[] {1}, ("-" + SUITE).getBytes(US_ASCII));

    static byte[] blind(byte[] input, BigInteger blind) {
        Point point = Point.ofUniform(expand(tag("HashToGroup-"), 64, input));
        return point.times(blind).encode();
    }

    /** Finalize of the RFC: the 64 bytes that the key makes of the input, once the proof has been seen to hold. */
    static byte[] finish(
            byte[] input, BigInteger blind, byte[] evaluated, byte[] blinded, byte[] publicKey, byte[] proof)
            throws Untrusted {
        Point answer = Point.decode(evaluated);
        if (!holds(Point.decode(publicKey), List.of(Point.decode(blinded)), List.of(answer), proof)) {
            throw new Untrusted("its proof does not hold: it used another key for you than it published");
        }
        byte[] unblinded = answer.times(blind.modInverse(Scalar.ORDER)).encode();
        return Bytes.hash("SHA-512", sized(input), sized(unblinded), "Finalize".getBytes(US_ASCII));
    }

    /** VerifyProof: the logarithm of the public key and that of every evaluated element are one and the same. */
    static boolean holds(Point publicKey, List<Point> blinded, List<Point> evaluated, byte[] proof) throws Untrusted {
        BigInteger c = Scalar.decode(Arrays.copyOfRange(proof, 0, 32));
        BigInteger s = Scalar.decode(Arrays.copyOfRange(proof, 32, 64));
        byte[] seed = Bytes.hash("SHA-512", sized(publicKey.encode()), sized(tag("Seed-")));
        Point m = Point.IDENTITY;
        Point z = Point.IDENTITY;
        for (int at = 0; at < blinded.size(); at++) {
            byte[] place = {(byte) (at >> 8), (byte) at};
            BigInteger weight = toScalar(sized(seed), place, sized(blinded.get(at).encode()),
                    sized(evaluated.get(at).encode()), "Composite".getBytes(US_ASCII));
            m = m.plus(blinded.get(at).times(weight));
            z = z.plus(evaluated.get(at).times(weight));
        }
        Point t2 = Point.BASE.times(s).plus(publicKey.times(c));
        Point t3 = m.times(s).plus(z.times(c));
        return c.equals(toScalar(sized(publicKey.encode()), sized(m.encode()), sized(z.encode()), sized(t2.encode()),
                sized(t3.encode()), "Challenge".getBytes(US_ASCII)));
    }

    private static BigInteger toScalar(byte[]... parts) {
        return Bytes.little(expand(tag("HashToScalar-"), 64, parts)).mod(Scalar.ORDER);
    }

    /** expand_message_xmd of RFC 9380, 5.3.1, with SHA-512, for one block of up to 64 bytes. */
    private static byte[] expand(byte[] tag, int length, byte[]... message) {
        byte[] ending = Bytes.join(tag, new byte[] {(byte) tag.length});
        byte[] wanted = {0, (byte) length, 0};
        byte[] first = Bytes.hash("SHA-512", new byte[128], Bytes.join(message), wanted, ending);
        return Bytes.hash("SHA-512", first, new byte[] {1}, ending);
    }

    private static byte[] tag(String use) {
        return Bytes.join(use.getBytes(US_ASCII), CONTEXT);
    }

    /** Two bytes of length, the greater first, before what they measure. */
    private static byte[] sized(byte[] part) {
        return Bytes.join(new byte[] {(byte) (part.length >> 8), (byte) part.length}, part);
    }
}

/** Numbers modulo the order of the group, written as 32 bytes, the least first. */
final class Scalar {
    static final BigInteger ORDER =
            BigInteger.ONE.shiftLeft(252).add(new BigInteger("27742317777372353535851937790883648493"));

    static BigInteger random() {
        // 512 bits reduced: no value is likelier than another by more than 2^-260.
        BigInteger found = Bytes.little(Bytes.random(64)).mod(ORDER);
        return found.signum() == 0 ? random() : found;
    }

    static BigInteger decode(byte[] encoded) throws Untrusted {
        BigInteger found = Bytes.little(encoded);
        if (encoded.length != 32 || found.compareTo(ORDER) >= 0) {
            throw new Untrusted("its proof is no proof");
        }
        return found;
    }
}

/**
 * An element of ristretto255 (RFC 9496): a point of edwards25519 in extended coordinates, x = X/Z, y = Y/Z, T = XY/Z.
 * Written to be compared with the RFC line by line; it takes no care of timing, which only this machine's owner sees.
 */
record Point(BigInteger x, BigInteger y, BigInteger z, BigInteger t) {
    private static final BigInteger ONE = BigInteger.ONE;
    private static final BigInteger TWO = BigInteger.TWO;
    private static final BigInteger P = ONE.shiftLeft(255).subtract(BigInteger.valueOf(19));
    private static final BigInteger D = mul(BigInteger.valueOf(-121665), BigInteger.valueOf(121666).modInverse(P));
    private static final BigInteger SQRT_M1 = TWO.modPow(P.subtract(ONE).shiftRight(2), P);
    private static final BigInteger SQRT_AD_MINUS_ONE =
            new BigInteger("25063068953384623474111414158702152701244531502492656460079210482610430750235");
    private static final BigInteger INVSQRT_A_MINUS_D =
            new BigInteger("54469307008909316920995813868745141605393597292927456921205312896311721017578");
    private static final BigInteger ONE_MINUS_D_SQ = sub(ONE, square(D));
    private static final BigInteger D_MINUS_ONE_SQ = square(sub(D, ONE));

    static final Point IDENTITY = new Point(BigInteger.ZERO, ONE, ONE, BigInteger.ZERO);
    static final Point BASE = base();

    /** RFC 9496, 4.3.1; the identity is refused, as RFC 9497 wants of everything that was sent. */
    static Point decode(byte[] encoded) throws Untrusted {
        BigInteger s = Bytes.little(encoded);
        if (encoded.length != 32 || s.compareTo(P) >= 0 || negative(s) || s.signum() == 0) {
            throw new Untrusted("it sent what is no element of the group");
        }
        BigInteger u1 = sub(ONE, square(s));
        BigInteger u2 = add(ONE, square(s));
        BigInteger v = sub(neg(mul(D, square(u1))), square(u2));
        Root root = sqrtRatio(ONE, mul(v, square(u2)));
        BigInteger denX = mul(root.value(), u2);
        BigInteger denY = mul(mul(root.value(), denX), v);
        BigInteger x = abs(mul(mul(TWO, s), denX));
        BigInteger y = mul(u1, denY);
        BigInteger t = mul(x, y);
        if (!root.square() || negative(t) || y.signum() == 0) {
            throw new Untrusted("it sent what is no element of the group");
        }
        return new Point(x, y, ONE, t);
    }

    /** RFC 9496, 4.3.2: the one encoding of 32 bytes. */
    byte[] encode() {
        BigInteger u1 = mul(add(z, y), sub(z, y));
        BigInteger u2 = mul(x, y);
        BigInteger inverse = sqrtRatio(ONE, mul(u1, square(u2))).value();
        BigInteger den1 = mul(inverse, u1);
        BigInteger den2 = mul(inverse, u2);
        BigInteger zInverse = mul(mul(den1, den2), t);
        boolean rotate = negative(mul(t, zInverse));
        BigInteger left = rotate ? mul(y, SQRT_M1) : x;
        BigInteger up = rotate ? mul(x, SQRT_M1) : y;
        BigInteger den = rotate ? mul(den1, INVSQRT_A_MINUS_D) : den2;
        if (negative(mul(left, zInverse))) {
            up = neg(up);
        }
        return Bytes.little(abs(mul(den, sub(z, up))), 32);
    }

    /** RFC 9496, 4.3.4: an element from 64 uniform bytes. */
    static Point ofUniform(byte[] uniform) {
        return map(Arrays.copyOfRange(uniform, 0, 32)).plus(map(Arrays.copyOfRange(uniform, 32, 64)));
    }

    private static Point map(byte[] half) {
        BigInteger given = Bytes.little(half).clearBit(255).mod(P);
        BigInteger r = mul(SQRT_M1, square(given));
        BigInteger u = mul(add(r, ONE), ONE_MINUS_D_SQ);
        BigInteger v = mul(sub(neg(ONE), mul(r, D)), add(r, D));
        Root root = sqrtRatio(u, v);
        BigInteger s = root.square() ? root.value() : neg(abs(mul(root.value(), given)));
        BigInteger c = root.square() ? neg(ONE) : r;
        BigInteger n = sub(mul(mul(c, sub(r, ONE)), D_MINUS_ONE_SQ), v);
        BigInteger w0 = mul(mul(TWO, s), v);
        BigInteger w1 = mul(n, SQRT_AD_MINUS_ONE);
        BigInteger w2 = sub(ONE, square(s));
        BigInteger w3 = add(ONE, square(s));
        return new Point(mul(w0, w3), mul(w2, w1), mul(w1, w3), mul(w0, w2));
    }

    /** Complete addition on the twisted curve with a = -1 (RFC 8032, 5.1.4): it doubles as well. */
    Point plus(Point other) {
        BigInteger a = mul(sub(y, x), sub(other.y, other.x));
        BigInteger b = mul(add(y, x), add(other.y, other.x));
        BigInteger c = mul(mul(TWO, D), mul(t, other.t));
        BigInteger d = mul(mul(TWO, z), other.z);
        BigInteger e = sub(b, a);
        BigInteger f = sub(d, c);
        BigInteger g = add(d, c);
        BigInteger h = add(b, a);
        return new Point(mul(e, f), mul(g, h), mul(f, g), mul(e, h));
    }

    Point times(BigInteger factor) {
        Point found = IDENTITY;
        for (int bit = factor.bitLength() - 1; bit >= 0; bit--) {
            found = found.plus(found);
            if (factor.testBit(bit)) {
                found = found.plus(this);
            }
        }
        return found;
    }

    /** y = 4/5 and the even x that goes with it. */
    private static Point base() {
        BigInteger y = mul(BigInteger.valueOf(4), BigInteger.valueOf(5).modInverse(P));
        BigInteger x = sqrtRatio(sub(square(y), ONE), add(mul(D, square(y)), ONE)).value();
        return new Point(x, y, ONE, mul(x, y));
    }

    private record Root(boolean square, BigInteger value) {}

    /** RFC 9496, 4.2: the non-negative root of u/v, or of SQRT_M1 * u/v when u/v has none. */
    private static Root sqrtRatio(BigInteger u, BigInteger v) {
        BigInteger cube = mul(square(v), v);
        BigInteger seventh = mul(square(cube), v);
        BigInteger power = mul(u, seventh).modPow(P.subtract(BigInteger.valueOf(5)).shiftRight(3), P);
        BigInteger r = mul(mul(u, cube), power);
        BigInteger check = mul(v, square(r));
        boolean correct = check.equals(u.mod(P));
        boolean flipped = check.equals(neg(u));
        boolean flippedByI = check.equals(mul(neg(u), SQRT_M1));
        return new Root(correct || flipped, abs(flipped || flippedByI ? mul(r, SQRT_M1) : r));
    }

    private static BigInteger add(BigInteger one, BigInteger other) {
        return one.add(other).mod(P);
    }

    private static BigInteger sub(BigInteger one, BigInteger other) {
        return one.subtract(other).mod(P);
    }

    private static BigInteger mul(BigInteger one, BigInteger other) {
        return one.multiply(other).mod(P);
    }

    private static BigInteger square(BigInteger one) {
        return mul(one, one);
    }

    private static BigInteger neg(BigInteger one) {
        return one.negate().mod(P);
    }

    private static boolean negative(BigInteger one) {
        return one.testBit(0);
    }

    private static BigInteger abs(BigInteger one) {
        return negative(one) ? neg(one) : one;
    }
}

/** Bytes: made, joined, hashed, and written as text. */
final class Bytes {
    static final SecureRandom CHANCE = new SecureRandom();

    static byte[] random(int length) {
        byte[] made = new byte[length];
        CHANCE.nextBytes(made);
        return made;
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            whole.writeBytes(part);
        }
        return whole.toByteArray();
    }

    static byte[] hash(String name, byte[]... parts) {
        try {
            return MessageDigest.getInstance(name).digest(join(parts));
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException(missing);
        }
    }

    /** A number from bytes, the least first. */
    static BigInteger little(byte[] octets) {
        return new BigInteger(1, reversed(octets));
    }

    static byte[] little(BigInteger number, int length) {
        byte[] big = number.toByteArray();
        return Arrays.copyOf(reversed(big), length);
    }

    private static byte[] reversed(byte[] octets) {
        byte[] turned = new byte[octets.length];
        for (int at = 0; at < octets.length; at++) {
            turned[at] = octets[octets.length - 1 - at];
        }
        return turned;
    }

    static String hex(byte[] octets) {
        return HexFormat.of().formatHex(octets);
    }

    static byte[] fromHex(String text, int length) throws Untrusted {
        return measured(length, () -> HexFormat.of().parseHex(text));
    }

    static String base64(byte[] octets) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(octets);
    }

    static byte[] fromBase64(String text, int length) throws Untrusted {
        return measured(length, () -> Base64.getUrlDecoder().decode(text));
    }

    private static byte[] measured(int length, Supplier<byte[]> reading) throws Untrusted {
        try {
            byte[] found = reading.get();
            if (found.length == length) {
                return found;
            }
        } catch (IllegalArgumentException wrong) {
            // Said below, as for a wrong length.
        }
        throw new Untrusted("it sent a value that is not of " + length + " bytes");
    }
}

/** As much of JSON (RFC 8259) as is spoken here: a value is null, a Boolean, a number, a String, a List or a Map. */
record Json(Object value) {
    Json at(String name) {
        Json found = fields().get(name);
        if (found == null) {
            throw unexpected(name);
        }
        return found;
    }

    String text() {
        if (value instanceof String text) {
            return text;
        }
        throw unexpected("a string");
    }

    BigInteger number() {
        if (value instanceof BigInteger number) {
            return number;
        }
        throw unexpected("a whole number");
    }

    @SuppressWarnings("unchecked")
    List<Json> list() {
        if (value instanceof List<?> list) {
            return (List<Json>) list;
        }
        throw unexpected("a list");
    }

    @SuppressWarnings("unchecked")
    Map<String, Json> fields() {
        if (value instanceof Map<?, ?> map) {
            return (Map<String, Json>) map;
        }
        throw unexpected("an object");
    }

    private static Refused unexpected(String missing) {
        return new Refused("the service's reply lacks " + missing);
    }

    String write() {
        if (value instanceof String text) {
            return quoted(text);
        }
        if (value instanceof Map<?, ?>) {
            return fields().entrySet().stream().map(one -> quoted(one.getKey()) + ":" + one.getValue().write())
                    .collect(Collectors.joining(",", "{", "}"));
        }
        return String.valueOf(value);
    }

    private static String quoted(String text) {
        StringBuilder written = new StringBuilder("\"");
        for (char one : text.toCharArray()) {
            boolean plain = one >= ' ' && one != '"' && one != '\\' && !Character.isSurrogate(one);
            written.append(plain ? String.valueOf(one) : String.format("\\u%04x", (int) one));
        }
        return written.append('"').toString();
    }

    static Json read(String text) {
        try {
            Reader reader = new Reader(text);
            Json found = reader.value();
            reader.end();
            return found;
        } catch (IndexOutOfBoundsException | IllegalArgumentException wrong) {
            throw new Refused("the service's reply is no JSON");
        }
    }

    /** Reads downwards; too deep or cut short is an exception that `read` turns into words. */
    private static final class Reader {
        private static final int DEEPEST = 64;
        private final String text;
        private int at = 0;
        private int depth = 0;

        Reader(String text) {
            this.text = text;
        }

        Json value() {
            if (++depth > DEEPEST) {
                throw new IllegalArgumentException();
            }
            Object found = switch (next()) {
                case '{' -> object();
                case '[' -> array();
                case '"' -> string();
                case 't' -> word("true", Boolean.TRUE);
                case 'f' -> word("false", Boolean.FALSE);
                case 'n' -> word("null", null);
                default -> number();
            };
            depth--;
            return new Json(found);
        }

        void end() {
            while (at < text.length()) {
                if (!Character.isWhitespace(text.charAt(at++))) {
                    throw new IllegalArgumentException();
                }
            }
        }

        private Map<String, Json> object() {
            Map<String, Json> found = new LinkedHashMap<>();
            expect('{');
            if (taken('}')) {
                return found;
            }
            do {
                String name = string();
                expect(':');
                found.put(name, value());
            } while (taken(','));
            expect('}');
            return found;
        }

        private List<Json> array() {
            List<Json> found = new ArrayList<>();
            expect('[');
            if (taken(']')) {
                return found;
            }
            do {
                found.add(value());
            } while (taken(','));
            expect(']');
            return found;
        }

        private String string() {
            expect('"');
            StringBuilder found = new StringBuilder();
            while (text.charAt(at) != '"') {
                char one = text.charAt(at++);
                found.append(one == '\\' ? escaped() : one);
            }
            at++;
            return found.toString();
        }

        private char escaped() {
            char mark = text.charAt(at++);
            if (mark == 'u') {
                at += 4;
                return (char) Integer.parseInt(text.substring(at - 4, at), 16);
            }
            int place = "\"\\/bfnrt".indexOf(mark);
            return "\"\\/\b\f\n\r\t".charAt(place);
        }

        private Object word(String word, Object meant) {
            if (!text.startsWith(word, at)) {
                throw new IllegalArgumentException();
            }
            at += word.length();
            return meant;
        }

        private Object number() {
            int start = at;
            while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            String found = text.substring(start, at);
            return found.matches("-?[0-9]+") ? new BigInteger(found) : (Object) Double.valueOf(found);
        }

        private void expect(char wanted) {
            if (!taken(wanted)) {
                throw new IllegalArgumentException();
            }
        }

        private boolean taken(char wanted) {
            boolean found = next() == wanted;
            at += found ? 1 : 0;
            return found;
        }

        /** The next character that is no space, not taken. */
        private char next() {
            while (" \t\r\n".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            return text.charAt(at);
        }
    }
}

/** The self-test: vectors of RFC 9497, appendix A.1.2, as tests/tokens/rfc9497.json holds them. */
final class Vectors {
    static void check(Json file) throws Untrusted {
        byte[] publicKey = Bytes.fromHex(file.at("public_key").text(), 32);
        BigInteger secret = Scalar.decode(Bytes.fromHex(file.at("secret_key").text(), 32));
        same("the public key", Point.BASE.times(secret).encode(), publicKey);
        for (Json vector : file.at("vectors").list()) {
            entries(vector, secret);
            proof(vector, publicKey);
            System.out.println(vector.at("name").text() + " holds");
        }
    }

    private static void entries(Json vector, BigInteger secret) throws Untrusted {
        List<Json> entries = vector.at("entries").list();
        for (Json entry : entries) {
            byte[] input = HexFormat.of().parseHex(entry.at("input").text());
            byte[] blinded = Bytes.fromHex(entry.at("blinded").text(), 32);
            byte[] evaluated = Bytes.fromHex(entry.at("evaluated").text(), 32);
            BigInteger blind = Scalar.decode(Bytes.fromHex(entry.at("blind").text(), 32));
            same("a blinded element", Voprf.blind(input, blind), blinded);
            same("an evaluated element", Point.decode(blinded).times(secret).encode(), evaluated);
            if (entries.size() == 1) {
                byte[] proof = Bytes.fromHex(vector.at("proof").text(), 64);
                byte[] publicKey = Point.BASE.times(secret).encode();
                byte[] output = Voprf.finish(input, blind, evaluated, blinded, publicKey, proof);
                same("an output", output, Bytes.fromHex(entry.at("output").text(), 64));
            }
        }
    }

    private static void proof(Json vector, byte[] publicKey) throws Untrusted {
        List<Point> blinded = new ArrayList<>();
        List<Point> evaluated = new ArrayList<>();
        for (Json entry : vector.at("entries").list()) {
            blinded.add(Point.decode(Bytes.fromHex(entry.at("blinded").text(), 32)));
            evaluated.add(Point.decode(Bytes.fromHex(entry.at("evaluated").text(), 32)));
        }
        byte[] proof = Bytes.fromHex(vector.at("proof").text(), 64);
        if (!Voprf.holds(Point.decode(publicKey), blinded, evaluated, proof)) {
            throw new Refused("a proof that should hold does not");
        }
        proof[0] ^= 1;
        if (Voprf.holds(Point.decode(publicKey), blinded, evaluated, proof)) {
            throw new Refused("a proof that should not hold does");
        }
    }

    private static void same(String what, byte[] computed, byte[] wanted) {
        if (!Arrays.equals(computed, wanted)) {
            throw new Refused(what + " is not what the RFC says");
        }
    }
}
