"""TLS 1.3 alone, on the wire's port and on REST's, as sslyze sees them."""
import datetime

from sslyze import (ProtocolWithOpportunisticTlsEnum, ScanCommand, ScanCommandAttemptStatusEnum, Scanner,
                    ServerNetworkConfiguration, ServerNetworkLocation, ServerScanRequest)

OLD = ("ssl_2_0_cipher_suites", "ssl_3_0_cipher_suites", "tls_1_0_cipher_suites", "tls_1_1_cipher_suites",
       "tls_1_2_cipher_suites")
SCANS = (*OLD, "tls_1_3_cipher_suites", "certificate_info")


def scan(port, starttls, scans):
    """What each of the scans found."""
    place = ServerNetworkLocation("localhost", port, ip_address="127.0.0.1")
    how = ServerNetworkConfiguration("localhost", tls_opportunistic_encryption=starttls)
    scanner = Scanner()
    scanner.queue_scans([ServerScanRequest(place, how, set(map(ScanCommand, scans)))])
    result, = scanner.get_results()
    assert result.connectivity_error_trace is None, result.connectivity_error_trace
    found = {name: getattr(result.scan_result, name) for name in scans}
    for attempt in found.values():
        assert attempt.status == ScanCommandAttemptStatusEnum.COMPLETED, "".join(attempt.error_trace.format())
    return {name: attempt.result for name, attempt in found.items()}


def check_13_alone(found):
    for name in OLD:
        assert not found[name].accepted_cipher_suites, name
    suites = {s.cipher_suite.name for s in found["tls_1_3_cipher_suites"].accepted_cipher_suites}
    assert suites and suites <= {"TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"}
    leaf = found["certificate_info"].certificate_deployments[0].received_certificate_chain[0]
    assert leaf.not_valid_after_utc > datetime.datetime.now(datetime.timezone.utc)


def test_the_wire_has_tls_13_alone(server):
    check_13_alone(scan(server.port, ProtocolWithOpportunisticTlsEnum.POSTGRES, SCANS))


def test_rest_has_tls_13_alone_and_takes_nothing_early(server):
    found = scan(server.control_port, None, (*SCANS, "tls_1_3_early_data"))
    check_13_alone(found)
    assert not found["tls_1_3_early_data"].supports_early_data  # what is sent early can be sent again
