#include "tls/server_context.hpp"

#include "support/authority.hpp"
#include "tls/pem.hpp"

#include <gmock/gmock.h>

#include <unistd.h>

#include <fstream>
#include <stdexcept>

namespace hearth::tls {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

std::string refusal_of(const TlsOptions& options) {
  try {
    const ServerContext context(options, std::make_shared<TicketKeys>());
    return {};
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

/// A file for one test.
class File {
 public:
  explicit File(const std::string& content) {
    std::string path = testing::TempDir() + "hearth_tls_XXXXXX";
    const int fd = ::mkstemp(path.data());
    if (fd < 0) throw std::runtime_error("mkstemp");
    ::close(fd);
    path_ = path;
    std::ofstream(path_) << content;
  }
  ~File() { ::unlink(path_.c_str()); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct TlsServerContext : testing::Test {
  const test::Authority authority;
  const TlsCertificate pair = authority.issue_for_loopback();
  const TlsCertificate other = authority.issue_for_loopback();
};

TEST_F(TlsServerContext, TakesTextAndFiles) {
  const File certificate(pair.certificate);
  const File key(pair.key);
  EXPECT_THAT(refusal_of({.certificates = {pair}}), IsEmpty());
  EXPECT_THAT(refusal_of({.certificates = {{certificate.path(), key.path()}}}), IsEmpty());
}

TEST_F(TlsServerContext, TakesAChainAndKeysOfRsa) {
  const TlsCertificate rsa = authority.issue({"rsa", {"DNS:rsa"}, test::CertificateText::Kind::rsa});
  EXPECT_THAT(refusal_of({.certificates = {{pair.certificate + authority.certificate(), pair.key}, rsa}}), IsEmpty());
}

TEST_F(TlsServerContext, NeedsACertificate) {
  EXPECT_THAT(refusal_of({}), HasSubstr("certificates is empty"));
  EXPECT_THAT(refusal_of({.certificates = {pair, {"", pair.key}}}),
              HasSubstr("tls: certificates[1].certificate is not given"));
  EXPECT_THAT(refusal_of({.certificates = {{pair.certificate, ""}}}), HasSubstr("certificates[0].key is not given"));
}

TEST_F(TlsServerContext, NamesAFileThatCannotBeRead) {
  EXPECT_THAT(refusal_of({.certificates = {{"/no/such.pem", pair.key}}}),
              HasSubstr("certificates[0].certificate: `/no/such.pem` cannot be read: No such file or directory"));
  EXPECT_THAT(refusal_of({.certificates = {{pair.certificate, testing::TempDir()}}}), HasSubstr("Is a directory"));
}

TEST_F(TlsServerContext, AFileMayNotBeEndless) {
  const File endless(std::string(kMaxPem + 1, 'x'));
  EXPECT_THAT(refusal_of({.certificates = {{endless.path(), pair.key}}}), HasSubstr("longer than 1 MiB"));
}

TEST_F(TlsServerContext, RefusesHalvesThatDoNotBelongTogether) {
  EXPECT_THAT(refusal_of({.certificates = {{pair.certificate, other.key}}}),
              HasSubstr("do not belong together; if they are being replaced, one of them is still the old one"));
}

TEST_F(TlsServerContext, RefusesWhatIsCutOff) {
  const std::string chain = pair.certificate + authority.certificate();
  for (std::size_t length : {std::size_t{0}, pair.certificate.size() / 2, chain.size() - 30}) {
    const File half(chain.substr(0, length));
    EXPECT_THAT(refusal_of({.certificates = {{half.path(), pair.key}}}),
                AllOf(HasSubstr(half.path()), HasSubstr("cannot be read as certificates in PEM")))
        << length;
  }
  const File half_key(pair.key.substr(0, pair.key.size() - 40));
  EXPECT_THAT(refusal_of({.certificates = {{pair.certificate, half_key.path()}}}), HasSubstr("no private key in PEM"));
}

TEST_F(TlsServerContext, NeverAsksForAPassphrase) {
  EXPECT_THAT(
      refusal_of({.certificates = {{pair.certificate, test::encrypted_key(pair.key, "secret")}}}),
      AllOf(HasSubstr("is encrypted, and nobody is asked for a passphrase"), testing::Not(HasSubstr("secret"))));
}

TEST_F(TlsServerContext, ClientsAreAskedOnlyWithAuthorities) {
  EXPECT_THAT(refusal_of({.certificates = {pair}, .client_auth = TlsClientAuth::optional}), HasSubstr("client_ca"));
  EXPECT_THAT(refusal_of({.certificates = {pair}, .client_ca = authority.certificate()}),
              HasSubstr("client_auth is off"));
  EXPECT_THAT(refusal_of({.certificates = {pair}, .client_ca = "/no/ca.pem", .client_auth = TlsClientAuth::required}),
              HasSubstr("client_ca: `/no/ca.pem` cannot be read"));
  EXPECT_THAT(
      refusal_of(
          {.certificates = {pair}, .client_ca = authority.certificate(), .client_auth = TlsClientAuth::required}),
      IsEmpty());
}

TEST_F(TlsServerContext, ABadOneDoesNotReplaceTheCurrent) {
  CurrentContext current({.certificates = {pair}});
  const auto before = current.get();
  EXPECT_THROW(current.replace({.certificates = {{pair.certificate, other.key}}}), std::invalid_argument);
  EXPECT_EQ(current.get(), before);
  current.replace({.certificates = {other}});
  EXPECT_NE(current.get(), before);
}

}  // namespace
}  // namespace hearth::tls
