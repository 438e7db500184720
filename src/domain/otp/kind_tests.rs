//! Tests of what else a text can be about, and of what then remains a one-time code.

use super::read;
use crate::domain::MessageType;

fn code(text: &str) -> Option<String> {
    read(text, None).otp.map(|otp| otp.code)
}

fn message_type(text: &str) -> MessageType {
    read(text, None).message_type
}

#[test]
fn what_stays_the_same_has_no_one_time_code() {
    for text in [
        "Welcome to voicemail. Your default passcode is 1234. Please change it.",
        "Carte cadeau : n° 4829 1377 2201 5583, code secret 4829. Solde 50 €.",
        "Wi-Fi access code: 4829-1377, valid for 24 hours.",
        "Código de acceso wifi: 4829-1377, válido 24 horas.",
        "Your prescription token 4829 must be shown at the pharmacy.",
        "De slagboomcode is 4829, niet doorgeven.",
        "Tunjukkan kode 482913 di kasir, gratis kopi.",
    ] {
        assert_eq!(code(text), None, "{text}");
    }
    // The same things have accounts, and those have one-time codes.
    for text in [
        "Your verification code for the guest wifi is 482913.",
        "Use code 482913 to log in to your parking app.",
        "Código de verificación para tu app de estacionamiento: 482913",
        "Your verification code to view your voicemail online is 482913.",
        "Your card PIN is 7712, your one-time password is 482913.",
    ] {
        assert_eq!(code(text).as_deref(), Some("482913"), "{text}");
    }
}

#[test]
fn a_confirmed_booking_has_no_one_time_code() {
    for text in [
        "Número de confirmación de tu reserva de hotel: 482913.",
        "酒店预订确认号482913。",
        "The confirmation number for your payment is 482913.",
    ] {
        assert_eq!(code(text), None, "{text}");
    }
    for text in ["OTP for your flight booking payment is 482913", "【酒店预订】您的验证码482913"] {
        assert_eq!(code(text).as_deref(), Some("482913"), "{text}");
    }
}

#[test]
fn an_offer_without_a_percentage_has_no_code() {
    for text in [
        "コード482913で1か月無料！",
        "A 482913 kóddal egy hónap ingyen!",
        "Enter 482913 at streamhut.example/gift to redeem your gift.",
    ] {
        assert_eq!(code(text), None, "{text}");
    }
}

#[test]
fn a_code_is_told_to_whoever_is_at_the_door() {
    for text in [
        "Share 4829 with your driver to start the ride.",
        "Куриерът пристига. Кажете му код 4829.",
        "Dein Fahrer ist da. Nenne ihm die PIN 4829.",
        "配達員が到着しました。コード4829をお伝えください。",
    ] {
        assert_eq!(code(text).as_deref(), Some("4829"), "{text}");
    }
}

#[test]
fn a_number_in_the_name_of_a_service_is_no_code() {
    assert_eq!(code("551203 – Trading 212 confirmation code").as_deref(), Some("551203"));
    assert_eq!(code("Trading 212 will email you a confirmation code"), None);
}

#[test]
fn requests_and_what_only_looks_like_one() {
    for text in [
        "Aktivieren Sie Ihr Benutzerkonto: https://eiche.example/a/77",
        "Stel je wachtwoord opnieuw in via deze link: https://eik.example/r/4kd",
        "Approve this login in your Ferro app within 2 minutes.",
        "Giriş denemesi: hesabınıza giriş yapılmaya çalışılıyor. Siz misiniz? EVET yazın.",
        "Ο κωδικός επιβεβαίωσης θα σας αποσταλεί σύντομα.",
        "您的登录链接：https://ferro.example/in/x82（15分钟内有效）",
    ] {
        assert_eq!(message_type(text), MessageType::Verification, "{text}");
    }
    for text in [
        "Reply YES to confirm your haircut on Friday at 3pm.",
        "Nouveau message. Connectez-vous : https://ecole.example/msg",
        "Fraud warning: no bank employee will ever ask for the 6-digit code we text you. Report to 7726.",
        "Wi-Fi access code: 4829-1377, valid for 24 hours.",
    ] {
        assert_eq!(message_type(text), MessageType::Sms, "{text}");
    }
}
